// The end of a connection whose other side may still be sending. Closed with bytes that nobody has read, it would be
// reset, and the last answer be lost on its way to whoever sends first and reads then (RFC 9112, 9.6).
import type { Duplex } from 'node:stream';

/** Without a byte, and in any case. */
const SILENCE_MAX_MS = 1_000;
const LINGER_MAX_MS = 3_000;
/** Four batches. */
const LINGER_BYTES_MAX = 64 * 1024 * 1024;

/** Says `last` and ends our side; what still comes is thrown away for a while, and no request any more. */
export function closeLingering(socket: Duplex, last = '', lingerMaxMs = LINGER_MAX_MS): void {
  const destroy = () => void socket.destroy();
  // Node's HTTP server calls it after an answer, which would reset the connection.
  if ('destroySoon' in socket) socket.destroySoon = () => {};
  socket.end(last);
  // Those of the HTTP parser.
  socket.removeAllListeners('data');
  const silence = setTimeout(destroy, SILENCE_MAX_MS).unref();
  const whole = setTimeout(destroy, lingerMaxMs).unref();
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    silence.refresh();
    if (bytes > LINGER_BYTES_MAX) destroy();
  });
  socket.once('close', () => {
    clearTimeout(silence);
    clearTimeout(whole);
  });
  socket.resume();
}
