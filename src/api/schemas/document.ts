// What was denied, to whom: the documents of the decoder as REST and SSE serve them. The same shapes as
// src/landlock/document.ts, which is checked at compile time by a test.
import Type, { type Static } from 'typebox';
import { list, time } from './common.ts';

const text = Type.String;
const integer = Type.Integer;
const optional = Type.Optional;

const host = Type.Object({
  id: text(),
  name: optional(text()),
  boot: Type.Object({
    id: text(),
    derived: optional(Type.Literal(true, { description: 'Made from the input: the real boot id was not to be had' })),
  }),
});

const tags = list(Type.Enum(['canary', 'replay']));

const endpoint = Type.Object({ ip: optional(text()), port: optional(integer()) });

const unknownFields = list(Type.Object({ record: text(), name: text(), value: text() }));

const pathEntry = Type.Object({
  name: optional(text()),
  type: optional(text()),
  inode: optional(text()),
  device: optional(text()),
});

const landlockObject = Type.Object({
  kind: text({ description: 'An open set: file, directory, socket, process, …' }),
  name: optional(text({ description: 'Abstract Unix socket: @name' })),
  ioctl_command: optional(text()),
  namespace: optional(Type.Object({ type: text(), id: optional(text()) })),
  capability: optional(Type.Object({ number: integer(), name: optional(text()) })),
  bound: optional(endpoint),
  connected: optional(endpoint),
  entries: optional(list(pathEntry)),
});

const provider = optional(
  Type.Literal('tracepoint', { description: "Who told of it: the kernel's tracepoints. Absent: audit" }),
);

const ancestry = optional(
  list(
    Type.Object({
      pid: integer(),
      start_ticks: integer({ description: 'Since boot, in clock ticks, as in /proc/PID/stat' }),
      started_at: optional(time()),
      executable: optional(text()),
      cgroup: optional(text({ description: 'The path below the root of the cgroup hierarchy' })),
    }),
    { description: 'A process and those above it' },
  ),
);

const landlock = Type.Object({
  domain: Type.Object({ id: text({ description: 'Hexadecimal, 64 bits' }) }),
  blockers: list(text({ description: 'An open set: fs.write_file, net.bind_tcp, scope.signal, …' })),
  object: landlockObject,
  target: optional(
    Type.Object(
      {
        process: Type.Object({ pid: optional(integer()), name: optional(text()) }),
        domain: optional(Type.Object({ id: text() })),
      },
      { description: 'The process that the action was aimed at' },
    ),
  ),
  logged: optional(Type.Literal(false, { description: 'Audit has no record of it' })),
  same_exec: optional(Type.Boolean({ description: 'The task still runs the program that entered the domain' })),
  repeated: optional(
    Type.Object(
      {
        count: integer({ description: 'This one included' }),
        first: time(),
        last: time(),
      },
      {
        description:
          'Of a flood, the server keeps identical denials of a second as one: how many it stands for, and when the first ' +
          'and the last of them was. Absent: it stands for itself',
      },
    ),
  ),
  actor_certainty: Type.Enum(['certain', 'may_be_outside', 'absent'], {
    description: 'Whether `process` must be inside the denying domain',
  }),
  unknown_fields: optional(unknownFields),
  attribution: optional(
    Type.Literal('best_effort', {
      description: '`package`, `systemd` and `container` are what the host found when it had read the record',
    }),
  ),
});

const file = Type.Object({
  path: optional(text()),
  path_raw: optional(text({ description: 'Base64 of the exact bytes, where `path` had to replace some' })),
  name: optional(text({ description: 'A bare name: not a path' })),
  device: optional(text()),
  inode: optional(text()),
});

const processFields = Type.Object({
  pid: optional(integer()),
  parent: optional(Type.Object({ pid: integer() })),
  thread: optional(Type.Object({ id: integer() })),
  name: optional(text()),
  ancestry,
  executable: optional(text()),
  args: optional(list(text())),
  working_directory: optional(text()),
  tty: optional(text()),
  session_id: optional(integer()),
});

const someone = Type.Object({ id: text() });

const user = Type.Object({
  id: optional(text()),
  audit: optional(someone),
  effective: optional(someone),
  saved: optional(someone),
  filesystem: optional(someone),
  class: optional(Type.Union([Type.Literal('root'), Type.Literal('system'), Type.Literal('user')])),
});

const syscall = Type.Object({
  arch: optional(text()),
  name: optional(text()),
  number: optional(integer()),
  exit: optional(integer({ description: 'The return value; says nothing about the denial' })),
});

const ownerPackage = Type.Object(
  { name: text(), version: text(), type: optional(text({ description: 'dpkg, rpm, apk or pacman' })) },
  { description: 'What owns the executable on its host' },
);

const systemd = Type.Object({
  unit: optional(text()),
  user_unit: optional(text({ description: "A unit of the user's own manager, named by that user" })),
});

const denialEvent = {
  id: text({ description: '26 characters' }),
  sequence: integer({ description: 'The audit serial; 0 where audit gave none' }),
  provider,
  action: Type.Literal('violated-landlock-policy'),
  outcome: Type.Literal('failure'),
  category: list(text()),
  type: Type.Unsafe<readonly ['denied']>({ type: 'array', items: { const: 'denied' }, minItems: 1, maxItems: 1 }),
  reason: text({ description: 'One English sentence' }),
};

const denialFields = {
  kind: Type.Literal('denial'),
  '@timestamp': time(),
  host,
  tags: optional(tags),
  landlock,
  file: optional(file),
  source: optional(endpoint),
  destination: optional(endpoint),
  process: optional(processFields),
  user: optional(user),
  group: optional(someone),
  syscall: optional(syscall),
  package: optional(ownerPackage),
  systemd: optional(systemd),
  container: optional(someone),
};

/** One refused access. `process.args` is there for readers with the scope `read-sensitive` only. */
export const denialSchema = Type.Object({ ...denialFields, event: Type.Object(denialEvent) }, { title: 'Denial' });

/** One refused access with its records, for readers with the scope `read-sensitive`. */
export const denialDetailSchema = Type.Object(
  {
    ...denialFields,
    issue: optional(text({ description: 'Id of its issue' })),
    event: Type.Object({
      ...denialEvent,
      original: optional(text({ description: "The event's audit records, one a line; needs read-sensitive" })),
    }),
  },
  { title: 'DenialDetail' },
);

const rights = optional(list(text()));

/** What a domain was made from. */
export const rulesetSchema = Type.Object({
  id: text(),
  version: optional(text()),
  handled: optional(
    Type.Object({ fs: rights, net: rights, scopes: rights }, { description: 'Rights that it refuses unless allowed' }),
  ),
  rules: optional(integer({ description: 'Rules that were seen to be added' })),
});

const event = Type.Object({ id: text(), sequence: integer(), provider });

/** A domain was made; describes its creator. */
export const domainAllocatedSchema = Type.Object(
  {
    kind: Type.Literal('domain-allocated'),
    '@timestamp': time(),
    event,
    host,
    tags: optional(tags),
    landlock: Type.Object({
      domain: Type.Object({
        id: text(),
        mode: optional(text()),
        creator: Type.Object({
          pid: optional(integer()),
          uid: optional(integer()),
          executable: optional(text()),
          name: optional(text()),
          ancestry,
        }),
      }),
      unknown_fields: optional(unknownFields),
    }),
  },
  { title: 'DomainAllocated' },
);

/** A domain is gone; `denials` counts all, also those that were never logged. */
export const domainDeallocatedSchema = Type.Object(
  {
    kind: Type.Literal('domain-deallocated'),
    '@timestamp': time(),
    event,
    host,
    tags: optional(tags),
    landlock: Type.Object({
      domain: Type.Object({ id: text(), denials: Type.Union([Type.Number(), Type.String()]) }),
      unknown_fields: optional(unknownFields),
    }),
  },
  { title: 'DomainDeallocated' },
);

/** The kernel's own word on a domain's making and its parent (tracepoints, Linux 7.3). */
export const domainCreatedSchema = Type.Object(
  {
    kind: Type.Literal('domain-created'),
    '@timestamp': time(),
    event: Type.Object({ id: text(), provider: Type.Literal('tracepoint') }),
    host,
    tags: optional(tags),
    landlock: Type.Object({
      domain: Type.Object({
        id: text(),
        parent: optional(Type.Object({ id: text() }, { description: 'Absent: the domain has no parent' })),
        ruleset: optional(rulesetSchema),
        creator: Type.Object({
          pid: optional(integer()),
          thread: optional(Type.Object({ id: integer() })),
          name: optional(text()),
        }),
      }),
      unknown_fields: optional(unknownFields),
    }),
  },
  { title: 'DomainCreated' },
);

/** A Landlock system call of a program, which an audit rule of the collector saw. */
export const sandboxCallSchema = Type.Object(
  {
    kind: Type.Literal('sandbox-call'),
    '@timestamp': time(),
    event: Type.Object({ id: text(), sequence: integer(), provider, outcome: Type.Enum(['success', 'failure']) }),
    host,
    tags: optional(tags),
    landlock: Type.Object({
      call: Type.Enum(['create_ruleset', 'add_rule', 'restrict_self']),
      is_probe: optional(Type.Literal(true)),
      flags: optional(integer()),
      ruleset_fd: optional(integer()),
      rule_type: optional(text()),
      makes_domain: optional(Type.Boolean()),
      unknown_fields: optional(unknownFields),
    }),
    process: optional(processFields),
    user: optional(user),
    group: optional(someone),
    syscall: optional(syscall),
  },
  { title: 'SandboxCall' },
);

export type DomainCreated = Static<typeof domainCreatedSchema>;
export type SandboxCall = Static<typeof sandboxCallSchema>;
export type Denial = Static<typeof denialSchema>;
export type DenialDetail = Static<typeof denialDetailSchema>;
export type DomainAllocated = Static<typeof domainAllocatedSchema>;
export type DomainDeallocated = Static<typeof domainDeallocatedSchema>;
/** What the SSE stream carries as `event: domain`. */
export type DomainEvent = DomainAllocated | DomainCreated | DomainDeallocated;
