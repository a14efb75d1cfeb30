// The keys of [server]: how the server is reached, and by whom.
import type { ConfigKey } from './config-key.ts';

export const SERVER_KEYS: readonly ConfigKey[] = [
  {
    table: 'server',
    key: 'listen',
    type: 'string',
    default: () => '127.0.0.1:1423',
    description: 'HOST:PORT of the dashboard and the API. Port 0 takes a free one.',
  },
  {
    table: 'server',
    key: 'user',
    type: 'string',
    default: (surroundings) => (surroundings.hasOwnAccount ? 'trespass' : 'nobody'),
    defaultText: '`trespass` if there is such a user, else `nobody`',
    description: 'The account that the server takes on when it was started as root.',
  },
  {
    table: 'server',
    key: 'session_idle_minutes',
    type: 'integer',
    min: 1,
    max: 525_600,
    default: () => 720,
    description: 'Minutes without a request after which a browser is signed out. An open dashboard asks by itself.',
  },
  {
    table: 'server',
    key: 'session_days',
    type: 'integer',
    min: 1,
    max: 365,
    default: () => 7,
    description: 'Days after which a browser is signed out in any case.',
  },
  {
    table: 'server',
    key: 'tls_certificate',
    type: 'path',
    default: () => undefined,
    defaultText: 'unset',
    description:
      'PEM file of the certificate, with those between it and its authority. With it the server speaks HTTPS alone. ' +
      'A new file is taken without a new start: when it changes, or on SIGHUP.',
  },
  {
    table: 'server',
    key: 'tls_key',
    type: 'path',
    default: () => undefined,
    defaultText: 'unset',
    description: 'PEM file of its key. The account of the server must be able to read both.',
  },
  {
    table: 'server',
    key: 'behind_proxy',
    type: 'boolean',
    default: () => false,
    description:
      'A proxy on this machine or another ends TLS. Without it, and without a certificate, the server listens on the ' +
      'loopback alone.',
  },
  {
    table: 'server',
    key: 'trusted_proxies',
    type: 'string',
    default: () => '127.0.0.1, ::1',
    description:
      "Addresses and networks of those proxies: they alone may connect, beside this machine's own programs, and their " +
      '`X-Forwarded-For` and `-Proto` are believed. They have to pass `Host` on.',
  },
  {
    table: 'server',
    key: 'host_names',
    type: 'string',
    default: () => undefined,
    defaultText: 'unset',
    description: 'More names by which the server is called, for example `trespass.example`. Others are refused.',
  },
  {
    table: 'server',
    key: 'public_url',
    type: 'string',
    default: () => undefined,
    defaultText: 'unset',
    description: 'What people open, for example `https://trespass.example`: for links, and one more host name.',
  },
  {
    table: 'server',
    key: 'requests_per_minute',
    type: 'integer',
    min: 10,
    max: 1_000_000,
    default: () => 1_200,
    description: 'Requests of one token, one session or, signed out, one address. Collectors are not counted.',
  },
  {
    table: 'server',
    key: 'shared_hosts_min',
    type: 'integer',
    min: 2,
    max: 1_000_000,
    default: () => 5,
    description:
      'How many hosts each number at least is about that is told to readers with the scope `shared` alone ' +
      '(`/api/v1/fleets/{name}/shared`).',
  },
  {
    table: 'server',
    key: 'agent_documents_per_second',
    type: 'integer',
    default: () => 1_000,
    description:
      'Documents that one agent may deliver a second in the long run; 0: no bound. Half a million that gathered meanwhile are taken at once, and what is too much waits at the agent.',
  },
];
