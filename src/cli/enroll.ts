// `trespass enroll`: makes this host an agent of a server elsewhere. Repeating it is safe.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ServerPlace } from '../collector/sending/remote-client.ts';
import { LABELS_MAX } from '../delivery/enrol.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { packageVersion } from '../runtime/package-version.ts';
import { escapeTerminal, toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { CONFIG_OPTIONS, CONFIG_USAGE, loadCommandConfig } from './config-options.ts';

const LABEL = /^([a-z][a-z0-9_.-]{0,62})=(.{0,128})$/u;

export const enrollCommand: Command = {
  name: 'enroll',
  summary: 'make this host an agent of a server elsewhere',
  usage: `usage: trespass enroll https://SERVER[:PORT] --token TOKEN [options]

Asks the server for a key of this host's own and keeps it beside the spool, readable by its owner only. From then on
trespass collect delivers there. The machine's id is never sent: the server sees a keyed hash of it.
Repeating it is safe: the host stays the same agent. The token comes from trespass token create --scope enroll.

  --token TOKEN         the enrolment token; - reads it from standard input, so that it stands in no list of processes
  --label NAME=VALUE    says what this host is for; may be repeated
  --ca-file FILE        PEM file of the authorities that may vouch for the server, instead of the system's
  --pin sha256/BASE64   trust the server with this public key alone, whoever signed its certificate
  --client-cert FILE    PEM file of our certificate, where the server asks for one
  --client-key FILE     PEM file of its key
  --proxy URL           HTTP proxy (CONNECT) on the way
  --new-identity        forget what this host was enrolled as: for a clone of an enrolled machine
  --json                the answer as JSON, without the key
${CONFIG_USAGE}`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('enroll', argv, { ...CONFIG_OPTIONS, ...ENROLL_OPTIONS }, 1);
    const [server] = positionals;
    if (server === undefined || values.token === undefined) {
      throw usageError('enroll: server or token is missing', 'trespass enroll https://SERVER --token TOKEN');
    }
    const labels = (values.label ?? []).map(toLabel);
    if (labels.length > LABELS_MAX) throw usageError(`enroll: more than ${LABELS_MAX} labels`, 'leave some out');
    const { config } = loadCommandConfig(values, io);
    const enrolment = await import('../collector/sending/enrolment.ts');
    const { describeHost } = await import('../collector/sending/heartbeat.ts');
    const { readHostIdentity, withoutName } = await import('../collector/host-identity.ts');
    const directory = config.collector.spoolDirectory;
    const identity = readHostIdentity(directory);
    const place = enrolment.checkPlace(placeOf(server, values, io));
    const known = values['new-identity'] ? undefined : enrolment.readEnrolment(directory);
    const answer = await enrolment.enrol(place, readToken(values.token), {
      host: describeHost(config.collector.privacy === 'full' ? identity : withoutName(identity)),
      version: packageVersion,
      labels,
      ...(known?.server === place.server && { known: { agent: known.agent, key: known.key } }),
    });
    const key = answer.key ?? known?.key;
    if (key === undefined) throw usageError('enroll: the server gave no key', 'enroll again with --new-identity');
    const isSame = known?.server === place.server && known.agent === answer.agent;
    const baseSeq = isSame ? known.baseSeq : enrolment.acknowledgedSeq(directory);
    enrolment.writeEnrolment(directory, { ...place, agent: answer.agent, key, fleet: answer.fleet, baseSeq });
    const { agent, fleet, state } = answer;
    io.stdout.write(
      values.json
        ? `${toJsonLine({ server: place.server, agent, fleet, state })}\n`
        : `${describe(place.server, escapeTerminal(agent), escapeTerminal(fleet), state)}\n`,
    );
    return EXIT.done;
  },
};

const ENROLL_OPTIONS = {
  token: { type: 'string' },
  label: { type: 'string', multiple: true },
  'ca-file': { type: 'string' },
  pin: { type: 'string' },
  'client-cert': { type: 'string' },
  'client-key': { type: 'string' },
  proxy: { type: 'string' },
  'new-identity': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

interface PlaceValues {
  readonly 'ca-file'?: string | undefined;
  readonly pin?: string | undefined;
  readonly 'client-cert'?: string | undefined;
  readonly 'client-key'?: string | undefined;
  readonly proxy?: string | undefined;
}

function placeOf(server: string, values: PlaceValues, io: Io): ServerPlace {
  const file = (path: string | undefined) => (path === undefined ? undefined : resolve(io.cwd, path));
  const caFile = file(values['ca-file']);
  const clientCertificateFile = file(values['client-cert']);
  const clientKeyFile = file(values['client-key']);
  const { pin, proxy } = values;
  return {
    server,
    ...(caFile !== undefined && { caFile }),
    ...(clientCertificateFile !== undefined && { clientCertificateFile }),
    ...(clientKeyFile !== undefined && { clientKeyFile }),
    ...(pin !== undefined && { pin }),
    ...(proxy !== undefined && { proxy }),
  };
}

function toLabel(text: string): { readonly name: string; readonly value: string } {
  const [, name, value] = LABEL.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw usageError(
      `enroll: ${JSON.stringify(text)} is no label`,
      'give NAME=VALUE, NAME of small letters and digits',
    );
  }
  return { name, value };
}

function readToken(text: string): string {
  return (text === '-' ? readFileSync(0, 'utf8') : text).trim();
}

function describe(server: string, agent: string, fleet: string, state: string): string {
  const next =
    state === 'pending' ? 'somebody has to approve it there before anything is taken' : 'now start: trespass collect';
  return `enrolled at ${server} as agent ${agent} in fleet ${fleet}; ${next}`;
}
