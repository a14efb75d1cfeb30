// Answers to pipelined requests wait in memory for the ones before them, and those for a client that may read nothing at
// all: so many bytes of a connection wait at once, and what comes beyond is refused, in its turn and in few words.
import type { Duplex } from 'node:stream';
import type { App } from '../deps.ts';
import { ApiError } from '../errors.ts';

const UNREAD_BYTES_MAX = 4 * 1024 * 1024;
const RETRY_SECONDS = 1;

/** To all routes registered after this. A single answer may be as long as it is; streams have bounds of their own. */
export function registerUnreadBound(app: App): void {
  const unread = new WeakMap<Duplex, number>();
  app.addHook('onSend', async (request, reply, payload) => {
    const { socket } = request.raw;
    const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : 0;
    const before = unread.get(socket) ?? 0;
    if (before > 0 && before + bytes > UNREAD_BYTES_MAX && reply.statusCode < 400) {
      reply.removeHeader('etag').removeHeader('link');
      throw new ApiError('overloaded', `The answers before this one, of ${before} bytes, are not read yet`, {
        retryAfterSeconds: RETRY_SECONDS,
      });
    }
    unread.set(socket, before + bytes);
    reply.raw.once('close', () => unread.set(socket, (unread.get(socket) ?? 0) - bytes));
    return payload;
  });
}
