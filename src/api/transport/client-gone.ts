// When the one who asked is gone, nobody needs the answer any more.
import type { FastifyReply } from 'fastify';

/** Aborts when the connection ends before the answer was sent. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) {
      controller.abort();
    }
  });
  return controller.signal;
}
