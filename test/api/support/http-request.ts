// Requests over real connections: with any target, header and body, also such as no client would send.
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Asked {
  readonly method: string;
  /** As it goes over the wire. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** An answer without end, of which the head is enough. */
  readonly isStream?: boolean;
}

/** Rejects where nothing is answered within `withinMs`: that is a hang. */
export function ask(port: number, { method, target, headers = {}, body, isStream }: Asked, withinMs = 20_000) {
  return new Promise<Answered>((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path: target, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      const finish = () => {
        const answered = { status: response.statusCode ?? 0, headers: response.headers };
        resolve({ ...answered, body: Buffer.concat(chunks).toString('utf8') });
      };
      if (isStream === true && response.statusCode === 200) {
        finish();
        outgoing.destroy();
        return;
      }
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', finish);
      response.on('error', reject);
    });
    outgoing.setTimeout(withinMs, () => outgoing.destroy(new Error(`no answer to ${method} ${target.slice(0, 200)}`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends `bytes` as they are; answers all that comes back until the server closes. */
export function askRaw(port: number, bytes: string | Buffer, withinMs = 20_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setTimeout(withinMs, () => socket.destroy(new Error('no answer to a raw request')));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(text) : reject(error)));
    socket.on('close', () => resolve(text));
  });
}
