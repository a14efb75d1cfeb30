// `trespass help TOPIC`: the concepts, for those who meet them in a list or a message.
import { BLOCKERS } from '../landlock/blockers.ts';
import { meaningOf } from '../landlock/explain/meanings.ts';

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly text: string;
}

function blockersText(): string {
  const lines = BLOCKERS.map(({ name }) => {
    const { text, since_abi: abi } = meaningOf(name);
    return `  ${name}${abi === undefined ? '' : ` (ABI ${abi})`}\n    ${text}`;
  });
  return `A blocker is a right that was missing: a record of a denial names those of the youngest domain that refuses. A rule with
that right, for that path or port, would have let the access pass; those without a rule (ptrace, fs.change_topology, the
scopes) are part of being in such a sandbox.

${lines.join('\n')}

What a newer kernel names and is not listed here is kept and shown word for word.`;
}

export const TOPICS: readonly Topic[] = [
  {
    name: 'domains',
    summary: 'what a Landlock domain is, and whose',
    text: `A domain is one layer of a sandbox: a program makes a ruleset, adds rules, and puts itself into a new domain by
landlock_restrict_self(). It cannot leave it; all that it starts is in it, too, and may add layers (up to 16). An access
passes where every layer allows it.

The creator of a domain is the program that made it, such as a launcher; the actor is the process that was refused,
often another program in the same domain. Trespass never mixes the two.

The kernel tells of a domain with its first denial that is logged (status allocated), and of its end with the number of
all its denials (deallocated). One that is never refused anything leaves no record, unless collector.sandbox_rules is on.
A domain's id is a number of one boot, given in the order in which domains are made.`,
  },
  { name: 'blockers', summary: 'the rights that may be missing, each explained', text: blockersText() },
  {
    name: 'unlogged',
    summary: 'denials that the kernel counts and does not log',
    text: `When a domain is gone the kernel says how many denials it had. What is more than the records that came was not logged,
or was lost. Reasons:

By default the kernel logs what is refused to the very program that restricted itself, and nothing after it has started
another one (execve). A launcher has to ask for that by LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON; most do not.
LOG_SAME_EXEC_OFF and LOG_SUBDOMAINS_OFF ask for less, and since Linux 7.2 rules may be quiet.

Audit was off, an audit rule excluded the records, or they were dropped on the way: see losses, and trespass doctor.

To hear a silent launcher: trespass check --force-log -- COMMAND sets that flag for it, or, from Linux 7.3 on, the
kernel's tracepoints tell of such denials as well (collector.tracefs). trespass tree --explain says for each domain what
is known of why.`,
  },
  {
    name: 'evidence',
    summary: 'how it is known what a domain is nested in',
    text: `Audit names no parent of a domain. Trespass infers it, and says for every edge what it rests on:

  proof   follows from how the kernel works, whatever programs do: two domains in one event of one call, or the
          kernel's own tracepoint (Linux 7.3)
  strong  true but for rare and exotic cases: one process was refused by both, or was refused by one when it made
          the other
  hint    may be otherwise: processes that descend from each other, domains that end together

What speaks against an ancestor is proof as well: a parent has the lower id, and outlives its children. A parent is the
nearest one that is known: there may be layers between that left no trace.`,
  },
  {
    name: 'losses',
    summary: 'records that did not arrive, by their causes',
    text: `Nothing vanishes in silence: a record is stored, or counted as malformed, or as lost with its cause.

  kernel-lost     the kernel dropped it: its queue was full (backlog limit) or a rate limit stood in the way
  socket-overrun  our receive buffer was full; serial numbers that are missing tell how many
  serial-gap      serial numbers that never came
  not-watched     serial numbers that went by in this boot while no collector ran, with audit on: events of all kinds
  spool-overflow  the collector's spool was full, as no server took what was in it
  torn-event      an event came without some of its records

Causes may see the same loss twice, so they are never added up.`,
  },
  {
    name: 'issues',
    summary: 'denials of one kind, as one thing to work on',
    text: `An issue is all denials with the same fingerprint: the same program was refused the same rights on the same kind of
object, on whatever host, by whatever process. Numbers, dates and random parts of paths are left out of it, so that it
is the same tomorrow. trespass check --baseline keeps fingerprints of what is known.`,
  },
  {
    name: 'query',
    summary: 'the language of --query, the API and the dashboard',
    text: `Terms side by side must all match; and, or, not and parentheses combine them. A term is FIELD:VALUE, or a lone value,
which is looked for in path, program and name.

  fields  blocker path program comm user host fleet domain kind issue unit package, and the numbers pid uid port
  *       stands for any text: path:/etc/*; \\* is a star
  "…"     holds blanks: program:"/opt/my app"
  > <     compare numbers: port:>=1024

For example: blocker:fs.* and not program:"/usr/bin/make" and path:"/etc/*"`,
  },
];
