// `trespass agents`: hosts that deliver from elsewhere, and what is decided about them.
import { toAgentAnswer } from '../api/agent-answer.ts';
import type { Agent } from '../api/schemas/agent.ts';
import {
  type AgentConfig,
  HEARTBEAT_SECONDS_MAX,
  HEARTBEAT_SECONDS_MIN,
  PRIVACY_LEVELS,
  toAgentConfig,
} from '../delivery/agent-config.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { performAct } from '../store/admin-acts.ts';
import { getAgentConfig, setAgentConfig } from '../store/agent-configs.ts';
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
       trespass agents config FLEET [--privacy LEVEL] [--heartbeat SECONDS] [--db PATH]

list     all agents with their states: online, stale, offline; pending (waits for approval), conflict (two machines have
         one identity), revoked.
approve  lets it deliver, in the place of another agent of the same host, or ends a conflict.
revoke   its key opens nothing from now on.
config   what the fleet wants of its agents, as JSON; with an option it is set, and what has none is wanted no more. They
         hear of it with their next heartbeat. --privacy: at least reduced, or aggregate; a host that tells less by
         itself goes on so. CONFIG in the list: current, old, or - (none came to it yet).

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
function toWanted(values: { readonly privacy?: string; readonly heartbeat?: string }): AgentConfig | undefined {
  const { privacy, heartbeat } = values;
  if (privacy === undefined && heartbeat === undefined) return undefined;
  const wanted = toAgentConfig({
    ...(privacy !== undefined && { privacy }),
    ...(heartbeat !== undefined && { heartbeat_seconds: Number(heartbeat) }),
  });
  if (privacy !== undefined && wanted.privacy === undefined) {
    throw usageError(`agents config: unknown privacy "${privacy}"`, PRIVACY_LEVELS.join(', '));
  }
  if (heartbeat !== undefined && wanted.heartbeat_seconds === undefined) {
    const range = `${HEARTBEAT_SECONDS_MIN} to ${HEARTBEAT_SECONDS_MAX} seconds`;
    throw usageError(`agents config: "${heartbeat}" is no interval of heartbeats`, range);
  }
  return wanted;
}

function config(db: Database, fleet: string, wanted: AgentConfig | undefined, io: Io): ExitCode {
  if (wanted !== undefined) {
    performAct(
      db,
      () => setAgentConfig(db, fleet, wanted),
      (isDone) =>
        isDone
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

const COLUMNS: readonly Column<Agent>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'HOST', widthMax: 32, value: ({ host }) => host.name },
  { title: 'FLEET', widthMax: 20, value: ({ fleet }) => fleet },
  { title: 'STATE', value: ({ state, replaces }) => (replaces === true ? `${state} (replaces another)` : state) },
  { title: 'VERSION', value: ({ version }) => version },
  { title: 'LAST CONTACT', value: (agent) => agent.contact_at ?? '' },
  {
    title: 'CONFIG',
    value: ({ config: { etag, is_current } }) => (etag === undefined ? '-' : is_current ? 'current' : 'old'),
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
