// The effective configuration. Order: flag, file, default. `config-file.ts` reads the file and knows the defaults.

export type PrivacyLevel = 'full' | 'reduced' | 'aggregate';

export type SourceKind = 'netlink' | 'netlink-unicast' | 'file' | 'journal' | 'auditd-plugin';

/** How long what is kept: days, and bytes; 0: without end. */
export interface RetentionConfig {
  readonly rawDays: number;
  readonly denialsDays: number;
  readonly sandboxCallsDays: number;
  readonly lossesDays: number;
  readonly rollupsDays: number;
  readonly issuesDays: number;
  readonly domainsDays: number;
  readonly adminActsDays: number;
  readonly maxBytes: number;
}

/** Every key is a key of the TOML file under the same table, in snake_case. */
export interface Config {
  readonly server: {
    /** HOST:PORT; port 0 takes a free one. */
    readonly listen: string;
    /** The account that the server takes on when it was started as root. */
    readonly user: string;
    /** Signed-in browsers are signed out after so long without a request, and in any case. */
    readonly sessionIdleMinutes: number;
    readonly sessionDays: number;
    /** Documents a second of one agent, in the long run; 0: no bound. */
    /** Of how many hosts at least a number is that is shared. */
    readonly sharedHostsMin: number;
    readonly agentDocumentsPerSecond: number;
    /** PEM files; both, or plain HTTP. */
    readonly tlsCertificate?: string;
    readonly tlsKey?: string;
    /** A proxy with TLS stands in front. */
    readonly behindProxy: boolean;
    /** Addresses and networks, with commas or blanks. */
    readonly trustedProxies: string;
    /** More names by which the server may be called, with commas or blanks. */
    readonly hostNames?: string;
    /** What people open, where it is not what is listened on. */
    readonly publicUrl?: string;
    /** Of one token, session or address. */
    readonly requestsPerMinute: number;
  };
  readonly store: {
    readonly path: string;
    /**
     * Denials of a domain and issue in a minute, beyond which identical ones share a row; 0 or absent: none ever
     * do.
     */
    readonly floodPerMinute?: number;
    /** Absent: everything is kept. */
    readonly retention?: RetentionConfig;
  };
  readonly collector: {
    readonly source: SourceKind;
    /** For `file` and `journal`: what to read. */
    readonly path?: string;
    readonly spoolDirectory: string;
    readonly spoolMaxBytes: number;
    /** 0: none. */
    readonly spoolMinFreeBytes: number;
    /** 0: no bound. */
    readonly spoolMaxDays: number;
    readonly receiveBufferBytes: number;
    readonly backlogLimit: number;
    readonly canary: boolean;
    /** Audit rules of our own on Landlock's system calls. */
    readonly sandboxRules: boolean;
    /** Landlock's tracepoints, where the kernel has them and lets us. */
    readonly tracefs: boolean;
    /** Package, unit and container of what is refused. */
    readonly attribution: boolean;
    /** Whether the server may make this host tell less, and say how often it is to be heard of. */
    readonly pullConfig: boolean;
    /** What leaves this host: see src/landlock/privacy. */
    readonly privacy: PrivacyLevel;
  };
  readonly runtime: {
    /** Holds ingest.sock (the collector's way in), api.sock (the command line's) and audit-before.json. */
    readonly directory: string;
  };
  readonly log: { readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' };
}
