// `trespass agents`: hosts that deliver from elsewhere, and what is decided about them.
import { toAgentAnswer } from '../api/ingest/agent-answer.ts';
import type { Agent } from '../api/schemas/agent.ts';
import {
  type AgentConfig,
  DOCUMENTS_PER_SECOND_MAX,
  DOCUMENTS_PER_SECOND_MIN,
  HEARTBEAT_SECONDS_MAX,
  HEARTBEAT_SECONDS_MIN,
  PRIVACY_LEVELS,
  toAgentConfig,
} from '../delivery/agent-config.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { performAct } from '../store/access/admin-acts.ts';
import { getAgentConfig, setAgentConfig } from '../store/access/agent-configs.ts';
import { approveAgent, listAgents, revokeAgent } from '../store/access/agent-register.ts';
import type { Database } from '../store/database/open.ts';
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
       trespass agents config FLEET [--privacy LEVEL] [--heartbeat SECONDS] [--rate NUMBER] [--db PATH]

list     all agents with their states: online, stale, offline; pending (waits for approval), conflict (two machines have
         one identity), revoked.
approve  lets it deliver, in the place of another agent of the same host, or ends a conflict.
revoke   its key opens nothing from now on.
config   what the fleet wants of its agents, as JSON; with an option it is set, and what has none is wanted no more. They
         hear of it with their next heartbeat. --privacy: at least reduced, or aggregate; a host that tells less by
         itself goes on so. --rate: documents a second that leave an agent in the long run; a flood waits in its spool.
         CONFIG in the list: current, old, or - (none came to it yet), and what it refuses.

Hosts become agents by trespass enroll, with a token of trespass token create --scope enroll.

  --json         one JSON document a line
  --db PATH      the database, also of a running server (default: store.path of the configuration)
  --config FILE  the configuration`,
  async run(argv, io) {
    const { values, positionals } = parseArguments(
      'agents',
      argv,
      {
        db: { type: 'string' },
        config: { type: 'string' },
        json: { type: 'boolean' },
        privacy: { type: 'string' },
        heartbeat: { type: 'string' },
        rate: { type: 'string' },
      },
      2,
    );
    const [action = 'list', id] = positionals;
    const isComplete = values.db !== undefined && values.config === undefined;
    const path = () => loadCommandConfig({ db: values.db, config: values.config }, io, isComplete).config.store.path;
    if (action === 'list') {
      return withDatabase(path(), { readonly: true }, (db) => print(allAgents(db), values.json === true, io));
    }
    if (action === 'config') {
      if (id === undefined) throw usageError('agents config: of which fleet?', 'see trespass fleets');
      const wanted = toWanted(values);
      return withDatabase(path(), { readonly: wanted === undefined }, (db) => config(db, id, wanted, io));
    }
    if (action !== 'approve' && action !== 'revoke') {
      throw usageError('agents: say what to do', 'trespass agents list, approve, revoke or config');
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

/** undefined: nothing is to be set. */
function toWanted(values: {
  readonly privacy?: string;
  readonly heartbeat?: string;
  readonly rate?: string;
}): AgentConfig | undefined {
  const { privacy, heartbeat, rate } = values;
  if (privacy === undefined && heartbeat === undefined && rate === undefined) return undefined;
  const wanted = toAgentConfig({
    ...(privacy !== undefined && { privacy }),
    ...(heartbeat !== undefined && { heartbeat_seconds: Number(heartbeat) }),
    ...(rate !== undefined && { documents_per_second: Number(rate) }),
  });
  if (privacy !== undefined && wanted.privacy === undefined) {
    throw usageError(`agents config: unknown privacy "${privacy}"`, PRIVACY_LEVELS.join(', '));
  }
  if (heartbeat !== undefined && wanted.heartbeat_seconds === undefined) {
    const range = `${HEARTBEAT_SECONDS_MIN} to ${HEARTBEAT_SECONDS_MAX} seconds`;
    throw usageError(`agents config: "${heartbeat}" is no interval of heartbeats`, range);
  }
  if (rate !== undefined && wanted.documents_per_second === undefined) {
    const range = `${DOCUMENTS_PER_SECOND_MIN} to ${DOCUMENTS_PER_SECOND_MAX} documents a second`;
    throw usageError(`agents config: "${rate}" is no rate`, range);
  }
  return wanted;
}

function config(db: Database, fleet: string, wanted: AgentConfig | undefined, io: Io): ExitCode {
  if (wanted !== undefined) {
    performAct(
      db,
      () => setAgentConfig(db, fleet, wanted),
      (change) =>
        change === 'set'
          ? { actor: commandActor(), action: 'fleet-agent-config', target: fleet, detail: { ...wanted } }
          : undefined,
      Date.now(),
    );
  }
  const found = getAgentConfig(db, fleet);
  if (found === undefined) {
    throw new OperatingError('no-such-fleet', `there is no fleet ${JSON.stringify(fleet)}`, 'see trespass fleets', {
      exitCode: EXIT.nothing,
    });
  }
  io.stdout.write(`${toJsonLine(found)}\n`);
  return EXIT.done;
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

function configText({ etag, is_current: isCurrent, refused = [] }: Agent['config']): string {
  const age = etag === undefined ? '-' : isCurrent ? 'current' : 'old';
  return refused.length === 0 ? age : `${age}, refuses ${refused.join(' ')}`;
}

const COLUMNS: readonly Column<Agent>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'HOST', widthMax: 32, value: ({ host }) => host.name },
  { title: 'FLEET', widthMax: 20, value: ({ fleet }) => fleet },
  { title: 'STATE', value: ({ state, replaces }) => (replaces === true ? `${state} (replaces another)` : state) },
  { title: 'VERSION', value: ({ version }) => version },
  { title: 'LAST CONTACT', value: (agent) => agent.contact_at ?? '' },
  {
    title: 'CONFIG',
    value: ({ config }) => configText(config),
  },
  { title: 'PRIVACY', value: ({ privacy }) => privacy },
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
