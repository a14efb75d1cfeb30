// `trespass agents`: hosts that deliver from elsewhere, and what is decided about them.
import { toAgentAnswer } from '../api/agent-answer.ts';
import type { Agent } from '../api/schemas/agent.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { performAct } from '../store/admin-acts.ts';
import { approveAgent, listAgents, revokeAgent } from '../store/agent-register.ts';
import type { Database } from '../store/open.ts';
import { isRefused } from '../store/refused.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { commandActor } from './command-actor.ts';
import { loadCommandConfig } from './config-options.ts';
import { type Column, formatTable } from './table.ts';
import { withDatabase } from './with-database.ts';

const DECISIONS = { approve: approveAgent, revoke: revokeAgent } as const;

export const agentsCommand: Command = {
  name: 'agents',
  summary: 'list hosts that deliver from elsewhere; approve or revoke them',
  usage: `usage: trespass agents [list] [--json] [--db PATH]
       trespass agents approve ID [--db PATH]
       trespass agents revoke ID [--db PATH]

list     all agents with their states: online, stale, offline; pending (waits for approval), conflict (two machines have
         one identity), revoked.
approve  lets it deliver, in the place of another agent of the same host, or ends a conflict.
revoke   its key opens nothing from now on.

Hosts become agents by trespass enroll, with a token of trespass token create --scope enroll.

  --json         one JSON document a line
  --db PATH      the database, also of a running server (default: store.path of the configuration)
  --config FILE  the configuration`,
  async run(argv, io) {
    const { values, positionals } = parseArguments(
      'agents',
      argv,
      { db: { type: 'string' }, config: { type: 'string' }, json: { type: 'boolean' } },
      2,
    );
    const [action = 'list', id] = positionals;
    const isComplete = values.db !== undefined && values.config === undefined;
    const path = () => loadCommandConfig({ db: values.db, config: values.config }, io, isComplete).config.store.path;
    if (action === 'list') {
      return withDatabase(path(), { readonly: true }, (db) => print(allAgents(db), values.json === true, io));
    }
    if (action !== 'approve' && action !== 'revoke') {
      throw usageError('agents: say what to do', 'trespass agents list, approve or revoke');
    }
    if (id === undefined) throw usageError(`agents ${action}: which one?`, 'the ID stands in trespass agents');
    return withDatabase(path(), {}, (db) => decide(db, action, id));
  },
};

function decide(db: Database, action: keyof typeof DECISIONS, id: string): ExitCode {
  const nowMs = Date.now();
  const isDone = performAct(
    db,
    () => DECISIONS[action](db, id, nowMs),
    (result) => (result ? { actor: commandActor(), action: `agent-${action}`, target: id } : undefined),
    nowMs,
  );
  if (isDone) return EXIT.done;
  throw new OperatingError('no-such-agent', `no agent ${JSON.stringify(id)} is in force`, 'see trespass agents', {
    exitCode: EXIT.nothing,
  });
}

function allAgents(db: Database): readonly Agent[] {
  const agents: Agent[] = [];
  let cursor: string | undefined;
  do {
    const page = listAgents(db, { limit: 500, cursor });
    if (isRefused(page)) break;
    agents.push(...page.data.map((agent) => toAgentAnswer(agent, Date.now())));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return agents;
}

const COLUMNS: readonly Column<Agent>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'HOST', widthMax: 32, value: ({ host }) => host.name },
  { title: 'FLEET', widthMax: 20, value: ({ fleet }) => fleet },
  { title: 'STATE', value: ({ state, replaces }) => (replaces === true ? `${state} (replaces another)` : state) },
  { title: 'VERSION', value: ({ version }) => version },
  { title: 'LAST CONTACT', value: (agent) => agent.contact_at ?? '' },
  { title: 'SKEW', align: 'right', value: ({ clock_skew_ms: ms }) => (ms === undefined ? '' : `${ms} ms`) },
  { title: 'LABELS', value: ({ labels }) => labels.map(({ name, value }) => `${name}=${value}`).join(' ') },
];

function print(agents: readonly Agent[], isJson: boolean, io: Io): ExitCode {
  if (agents.length === 0) {
    io.stderr.write('no host is enrolled\n');
    return EXIT.nothing;
  }
  io.stdout.write(isJson ? agents.map((agent) => `${toJsonLine(agent)}\n`).join('') : formatTable(COLUMNS, agents, io));
  return EXIT.done;
}
