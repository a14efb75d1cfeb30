// Sends documents to the running server the way a collector does, in one batch and without a spool: a replay that
// is not acknowledged has simply failed.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { type BatchHeader, type BatchLine, PROTOCOL_VERSION } from '../../delivery/batch.ts';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';

const ANSWER_MAX_MS = 10_000;
/** The answer is a few numbers; rejected lines make it longer. */
const ANSWER_MAX_CHARS = 1024 * 1024;

export interface Delivered {
  readonly stored: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** POSTs to `/api/v1/ingest` on the Unix socket. Throws OperatingError with the mend. */
export async function postBatch(
  socketPath: string,
  documents: readonly Omit<BatchLine, 'seq'>[],
  signal: AbortSignal,
): Promise<Delivered> {
  const header: BatchHeader = {
    kind: 'batch',
    protocol: PROTOCOL_VERSION,
    spool: randomBytes(16).toString('hex'),
    first_seq: 1,
    last_seq: documents.length,
  };
  const lines = documents.map((line, index) => ({ seq: index + 1, ...line }));
  const body = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  const { status, text } = await post(socketPath, body, signal);
  if (status !== 200) {
    throw refused(`it answered ${status}: ${titleOf(text)}`);
  }
  return parseAnswer(text);
}

function post(socketPath: string, body: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = request(
      {
        socketPath,
        path: '/api/v1/ingest',
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'content-length': Buffer.byteLength(body) },
        timeout: ANSWER_MAX_MS,
        signal,
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text = `${text}${chunk}`.slice(0, ANSWER_MAX_CHARS);
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      },
    );
    sending.on('timeout', () => sending.destroy(new Error(`no answer within ${ANSWER_MAX_MS / 1000} s`)));
    sending.on('error', (error) => reject(unreachable(socketPath, error)));
    sending.end(body);
  });
}

function unreachable(socketPath: string, error: Error): OperatingError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new OperatingError(
      'server-not-running',
      `no Trespass is running here (${socketPath})`,
      'start `trespass run`, or give --db PATH to write into a database',
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new OperatingError(
      'ingest-forbidden',
      `this user may not write to ${socketPath}`,
      'run it as the user that runs Trespass, or give --db PATH to write into a database of your own',
      { cause: error, exitCode: EXIT.permission },
    );
  }
  return refused(error.message, error);
}

function refused(detail: string, cause?: Error): OperatingError {
  return new OperatingError('replay-refused', `the server did not take the replay: ${detail}`, 'see its log', {
    cause,
  });
}

function titleOf(text: string): string {
  const value = parseObject(text);
  const title = value?.detail ?? value?.title;
  return typeof title === 'string' ? title : text.slice(0, 200);
}

function parseAnswer(text: string): Delivered {
  const value = parseObject(text);
  const { stored, duplicates, rejected } = value ?? {};
  if (typeof stored !== 'number' || typeof duplicates !== 'number' || !Array.isArray(rejected)) {
    throw refused('its answer is none');
  }
  return { stored, duplicates, rejected: rejected.length };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
