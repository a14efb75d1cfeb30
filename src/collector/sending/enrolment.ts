// Which server this host was enrolled at, and with which key: made by `trespass enroll`, used by `trespass collect`.
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrolAnswer, EnrolRequest } from '../../delivery/enrol.ts';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import { AckMark } from '../spool/spool-marks.ts';
import { RemoteClient, type ServerPlace } from './remote-client.ts';

const FILE = 'agent.json';
const ANSWER_MAX_MS = 30_000;
const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;

/** What agent.json holds. The key is the agent's secret. */
export interface Enrolment extends ServerPlace {
  readonly agent: string;
  readonly key: string;
  readonly fleet: string;
  /** What of the spool had been acknowledged by others before. */
  readonly baseSeq: number;
}

/** How far the spool in `directory` was acknowledged, by whomever; it need not exist. */
export function acknowledgedSeq(directory: string): number {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const mark = new AckMark(directory);
  try {
    return mark.read();
  } finally {
    mark.close();
  }
}

/** Refuses what would send records in the clear, or to nobody. Throws OperatingError. */
export function checkPlace(place: ServerPlace): ServerPlace {
  const url = URL.canParse(place.server) ? new URL(place.server) : undefined;
  const refuse = (what: string, mend: string) => new OperatingError('server-url', what, mend, { exitCode: EXIT.usage });
  if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw refuse(`${JSON.stringify(place.server)} is no server`, 'give https://HOST or https://HOST:PORT');
  }
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.protocol === 'http:' && !isHere) {
    throw refuse(`${url.origin} would get records and the key in the clear`, 'use https://');
  }
  if (place.pin !== undefined && !PIN.test(place.pin)) {
    throw refuse('the pin is not of the form sha256/BASE64', "take it from the server's page of enrolment");
  }
  if (place.pin !== undefined && place.proxy !== undefined) {
    throw refuse('a pinned key cannot be checked behind a proxy', 'use a CA file instead of the pin');
  }
  return { ...place, server: url.origin };
}

/** undefined: this host is not enrolled. Throws OperatingError where the file cannot be used. */
export function readEnrolment(directory: string): Enrolment | undefined {
  const path = join(directory, FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unusable(path, cause);
  }
  try {
    const enrolment: unknown = JSON.parse(text);
    if (isEnrolment(enrolment)) return enrolment;
  } catch {
    // Said below.
  }
  throw unusable(path);
}

export function writeEnrolment(directory: string, enrolment: Enrolment): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const path = join(directory, FILE);
  writeFileSync(`${path}.new`, `${JSON.stringify(enrolment, undefined, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** Asks the server for a key of this host's own. Throws OperatingError with what the server said. */
export async function enrol(place: ServerPlace, token: string, request: EnrolRequest): Promise<EnrolAnswer> {
  const client = new RemoteClient(place, token);
  try {
    const answer = await client.post({
      path: '/api/v1/agents/enroll',
      type: 'application/json',
      body: [Buffer.from(JSON.stringify(request))],
      timeoutMs: ANSWER_MAX_MS,
      signal: new AbortController().signal,
    });
    if (!answer.ok) {
      throw new OperatingError(
        'server-unreachable',
        `cannot reach ${answer.reason}`,
        'check address, network and certificate',
      );
    }
    if (answer.status !== 200 && answer.status !== 201) throw refusal(answer.status, answer.body);
    const value: unknown = JSON.parse(answer.body);
    if (isEnrolAnswer(value)) return value;
    throw refusal(answer.status, 'the answer is none of an enrolment');
  } finally {
    client.close();
  }
}

function refusal(status: number, body: string): OperatingError {
  const problem = parse(body);
  const detail = Reflect.get(problem, 'detail') ?? Reflect.get(problem, 'title') ?? body.slice(0, 200);
  const hint = Reflect.get(problem, 'hint');
  return new OperatingError(
    'enrolment-refused',
    `the server refused the enrolment (${status}): ${String(detail)}`,
    typeof hint === 'string' ? hint : 'ask who runs it for a new enrolment token',
    { exitCode: status === 401 || status === 403 ? EXIT.permission : EXIT.failed },
  );
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isEnrolAnswer(value: unknown): value is EnrolAnswer {
  return (
    typeof value === 'object' && value !== null && ['agent', 'fleet', 'state'].every((name) => isText(value, name))
  );
}

function isEnrolment(value: unknown): value is Enrolment {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['server', 'agent', 'key', 'fleet'].every((name) => isText(value, name)) &&
    Number.isSafeInteger(Reflect.get(value, 'baseSeq'))
  );
}

function isText(value: object, name: string): boolean {
  return typeof Reflect.get(value, name) === 'string';
}

function unusable(path: string, cause?: unknown): OperatingError {
  return new OperatingError(
    'enrolment-unusable',
    `cannot use ${path}, which says where this host is enrolled`,
    'make it readable, or enrol this host again: trespass enroll URL --token TOKEN',
    { cause },
  );
}
