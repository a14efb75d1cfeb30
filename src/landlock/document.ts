// The one shape that everything has which leaves the decoder: delivery, storage, REST, SSE and NDJSON alike.
// ECS names (https://www.elastic.co/guide/en/ecs/current) plus the `landlock.*` namespace. What is not known
// is absent, never "unknown", -1 or 4294967295. Times are RFC 3339 in UTC with milliseconds.

/** Where a document comes from when it is not an ordinary live one. `canary`: provoked by Trespass itself. */
export type Tag = 'canary' | 'replay';

/** The machine and the boot. Domain ids and serials are only unique within one boot. */
export interface HostFields {
  readonly id: string;
  readonly name?: string;
  /** `derived`: made from the input because the real boot id was not to be had. */
  readonly boot: { readonly id: string; readonly derived?: true };
}

export interface EventFields {
  /** 26 characters; see event-id.ts. The key of exactly-once storage. */
  readonly id: string;
  /** The audit serial; 0 where `provider` says that audit did not give the event one. */
  readonly sequence: number;
  /** Who told of it: the kernel's tracepoints (Linux 7.3). Absent: audit. */
  readonly provider?: 'tracepoint';
}

/**
 * One process of a chain, the later one first, as /proc showed it. Only what is read in one piece: pid and start time
 * together name a process for as long as the machine runs.
 */
export interface ProcessAncestor {
  readonly pid: number;
  /** Since boot, in clock ticks (`_SC_CLK_TCK`, 100 a second), as in /proc/PID/stat. */
  readonly start_ticks: number;
  /** `start_ticks` on the clock of the records; right to some 20 ms. */
  readonly started_at?: string;
  /** Absent where the collector may not read it. */
  readonly executable?: string;
  /** The path below the root of the cgroup hierarchy: version 2, or where that tells nothing, an older one. */
  readonly cgroup?: string;
}

/** What a denial was about. `kind` is an open set: `file`, `directory`, `socket`, `process`, … */
export interface LandlockObject {
  readonly kind: string;
  /** Abstract Unix socket as people write it: `@name`. */
  readonly name?: string;
  /** `ioctlcmd=`: only the low 16 bits, as the kernel writes them (`0x5401`). */
  readonly ioctl_command?: string;
  readonly namespace?: { readonly type: string; readonly id?: string };
  readonly capability?: { readonly number: number; readonly name?: string };
  /** laddr/lport where the record also has saddr/src: the address the socket was bound to before. */
  readonly bound?: Endpoint;
  /** faddr/fport: the peer that the socket was already connected to. */
  readonly connected?: Endpoint;
  /** PATH records of the event (only with audit rules loaded). */
  readonly entries?: readonly PathEntry[];
}

export interface PathEntry {
  readonly name?: string;
  readonly type?: string;
  readonly inode?: string;
  readonly device?: string;
}

export interface Endpoint {
  readonly ip?: string;
  readonly port?: number;
}

/** A field that this version does not know, kept as the kernel wrote it. */
export interface UnknownField {
  readonly record: string;
  readonly name: string;
  readonly value: string;
}

/**
 * Whether the task of the SYSCALL record must be inside the denying domain.
 * `certain`: it is. `may_be_outside`: the domain may be another task's (the opener's of a file descriptor,
 * TRACEME's tracer, SIGIO's owner, io_uring). `absent`: the event has no SYSCALL record.
 */
export type ActorCertainty = 'certain' | 'may_be_outside' | 'absent';

/** How many identical denials one stands for, itself included, and when the first and the last of them was. */
export interface Repeated {
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

/** One refused access: one LANDLOCK_ACCESS record (security/landlock/audit.c). */
export interface Denial {
  readonly kind: 'denial';
  readonly '@timestamp': string;
  readonly event: EventFields & {
    readonly action: 'violated-landlock-policy';
    readonly outcome: 'failure';
    readonly category: readonly string[];
    readonly type: readonly ['denied'];
    /** One English sentence. */
    readonly reason: string;
  };
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  readonly landlock: {
    readonly domain: { readonly id: string };
    readonly blockers: readonly string[];
    readonly object: LandlockObject;
    readonly target?: {
      readonly process: { readonly pid?: number; readonly name?: string };
      /** The domain that the target is in (tracepoints only). */
      readonly domain?: { readonly id: string };
    };
    readonly actor_certainty: ActorCertainty;
    /** `false`: audit has no record of it, because of the domain's log flags or a quiet rule. Absent: audit told of it. */
    readonly logged?: false;
    /** Whether the task still runs the program that entered the domain (tracepoints only). */
    readonly same_exec?: boolean;
    readonly unknown_fields?: readonly UnknownField[];
    /** How `package`, `systemd` and `container` are known: the host looked them up when it had read the record. */
    readonly attribution?: 'best_effort';
    /** The store alone says it: it keeps identical denials of a second of a flood as one. Absent: it stands for itself. */
    readonly repeated?: Repeated;
  };
  readonly file?: {
    readonly path?: string;
    /** Base64 of the exact bytes; only where `path` had to replace some. */
    readonly path_raw?: string;
    /** A bare dentry name (`name=`, umount): not a path. */
    readonly name?: string;
    readonly device?: string;
    readonly inode?: string;
  };
  readonly source?: Endpoint;
  readonly destination?: Endpoint;
  readonly process?: {
    readonly pid?: number;
    readonly parent?: { readonly pid: number };
    /** Of the task itself (tracepoints only). */
    readonly thread?: { readonly id: number };
    readonly name?: string;
    /** This process and those above it; with the first denial that a domain gives a process, live only. */
    readonly ancestry?: readonly ProcessAncestor[];
    readonly executable?: string;
    readonly args?: readonly string[];
    readonly working_directory?: string;
    readonly tty?: string;
    readonly session_id?: number;
  };
  readonly user?: {
    readonly id?: string;
    readonly audit?: { readonly id: string };
    readonly effective?: { readonly id: string };
    readonly saved?: { readonly id: string };
    readonly filesystem?: { readonly id: string };
    /** Instead of the ids, where the host tells no more: `collector.privacy`. */
    readonly class?: 'root' | 'system' | 'user';
  };
  readonly group?: { readonly id: string };
  readonly syscall?: {
    readonly arch?: string;
    readonly name?: string;
    readonly number?: number;
    /** The return value. Says nothing about the denial. */
    readonly exit?: number;
  };
  /** What owns `process.executable` on its host. `type`: whose records say so (`dpkg`, `rpm`, `apk`, `pacman`). */
  readonly package?: { readonly name: string; readonly version: string; readonly type?: string };
  /** Of the process. `user_unit`: of that user's own manager, and named by that user. */
  readonly systemd?: { readonly unit?: string; readonly user_unit?: string };
  readonly container?: { readonly id: string };
}

/** LANDLOCK_DOMAIN status=allocated: written with a domain's first logged denial; describes its creator. */
export interface DomainAllocated {
  readonly kind: 'domain-allocated';
  readonly '@timestamp': string;
  readonly event: EventFields;
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  readonly landlock: {
    readonly domain: {
      readonly id: string;
      readonly mode?: string;
      readonly creator: {
        readonly pid?: number;
        readonly uid?: number;
        readonly executable?: string;
        readonly name?: string;
        /** The creator and the processes above it, where it was still there to be looked at. */
        readonly ancestry?: readonly ProcessAncestor[];
      };
    };
    readonly unknown_fields?: readonly UnknownField[];
  };
}

/**
 * LANDLOCK_DOMAIN status=deallocated: `denials` counts all, also those that were never logged. The tracepoint
 * landlock_free_domain says the same (`event.provider`): both are one fact about the domain, and count once.
 */
export interface DomainDeallocated {
  readonly kind: 'domain-deallocated';
  readonly '@timestamp': string;
  readonly event: EventFields;
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  readonly landlock: {
    /** `denials` is a decimal string only beyond 2^53 - 1. */
    readonly domain: { readonly id: string; readonly denials: number | string };
    readonly unknown_fields?: readonly UnknownField[];
  };
}

/** Input that could not be understood. Kept until retention, so that a better parser can replay it. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly '@timestamp'?: string;
  readonly event: { readonly id: string };
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  readonly reason: string;
  /** Control and non-ASCII bytes as U+0000–U+00FF, cut at 4096 characters. */
  readonly text: string;
  readonly place?: { readonly file?: string; readonly line?: number; readonly byte?: number };
}

/**
 * What is known to be missing. Causes are never mixed, and not all of them may be added: some see the same loss from
 * two sides, in different units.
 */
export const GAP_CAUSES = [
  'serial-gap', // events: serials that never came, after the reorder window
  'not-watched', // events: serials that went by in this boot while no collector ran, with audit on
  'socket-overrun', // overruns (ENOBUFS): why there are serial gaps and torn events; no further loss
  'kernel-lost', // records: growth of the kernel's `lost`, asked for or printed; took no serial, unless audit has a rate limit
  'rate-limit', // records that the kernel's log suppressed; their serials are missing too
  'torn-event', // records that an event must have had and lacks
  'trace-lost', // trace events: the tracing buffer was overwritten before it was read; no audit records
  'queue-overflow', // records: our own bounded queue was full; their serials are missing too
  'spool-overflow', // documents: our own spool was full; their records had arrived
  'undeliverable', // documents: the server does not take them; they are beside the spool of their host
  'server-restored', // documents: a server had acknowledged them and forgot them, since it was put back to an older state
] as const;
/** See {@link GAP_CAUSES}. */
export type GapCause = (typeof GAP_CAUSES)[number];

export interface Gap {
  readonly kind: 'gap';
  readonly '@timestamp': string;
  readonly event: { readonly id: string };
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  /** First and last missing serial, where the cause has serials. */
  readonly first?: number;
  readonly last?: number;
  /** How many, in the unit of the cause. */
  readonly count: number;
  readonly cause: GapCause;
  /** When the interval began, where known; `@timestamp` is its end. */
  readonly since?: string;
}

export type Document = Denial | DomainAllocated | DomainDeallocated | Malformed | Gap;

/** Handled rights of a ruleset, without prefix: `read_file`, `bind_tcp`, `signal`. An open set. */
export interface HandledRights {
  readonly fs?: readonly string[];
  readonly net?: readonly string[];
  readonly scopes?: readonly string[];
}

/** Tracepoint landlock_create_domain (Linux 7.3): the kernel's own word about a domain's parent. */
export interface DomainCreated {
  readonly kind: 'domain-created';
  readonly '@timestamp': string;
  readonly event: { readonly id: string; readonly provider: 'tracepoint' };
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  readonly landlock: {
    readonly domain: {
      readonly id: string;
      /** Absent: the domain has no parent. */
      readonly parent?: { readonly id: string };
      readonly ruleset?: {
        readonly id: string;
        /** Grows with each change of the ruleset. */
        readonly version?: string;
        /** Absent where its creation was not seen. */
        readonly handled?: HandledRights;
        /** Rules that were seen to be added. */
        readonly rules?: number;
      };
      /** The task that restricted itself: its thread, its process where the trace tells it, its name. */
      readonly creator: { readonly pid?: number; readonly thread?: { readonly id: number }; readonly name?: string };
    };
    readonly unknown_fields?: readonly UnknownField[];
  };
}

/** A Landlock system call of a program, seen by an audit rule of ours (syscalls 444 to 446). */
export interface SandboxCall {
  readonly kind: 'sandbox-call';
  readonly '@timestamp': string;
  readonly event: EventFields & { readonly outcome: 'success' | 'failure' };
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  readonly landlock: {
    readonly call: 'create_ruleset' | 'add_rule' | 'restrict_self';
    /** create_ruleset: whether it only asked for the version or the errata of the ABI. */
    readonly is_probe?: true;
    /** Decimal bits of the call's flags; restrict_self: LANDLOCK_RESTRICT_SELF_*. */
    readonly flags?: number;
    /** create_ruleset: what it answered; the other two: what they were given. -1: restrict_self without a ruleset. */
    readonly ruleset_fd?: number;
    /** add_rule: `path_beneath`, `net_port`, or the number of another type. */
    readonly rule_type?: string;
    /** restrict_self that succeeded: whether it made a domain (with -1 for a ruleset it only sets log flags). */
    readonly makes_domain?: boolean;
    readonly unknown_fields?: readonly UnknownField[];
  };
  readonly process?: NonNullable<Denial['process']>;
  readonly user?: NonNullable<Denial['user']>;
  readonly group?: NonNullable<Denial['group']>;
  readonly syscall?: NonNullable<Denial['syscall']>;
}

/** What tracepoints and audit rules add to the five kinds that every kernel gives. */
export type SandboxDocument = DomainCreated | SandboxCall;

/** Whatever a collector may send. */
export type AnyDocument = Document | SandboxDocument;
