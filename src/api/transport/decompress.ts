// A compressed body as the plain one. Fastify bounds what comes out as it bounds any body; a small body that swells is
// cut off before, so that what is declared bounds what comes.
import type { IncomingHttpHeaders } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { RequestPayload } from 'fastify';
import { ApiError } from '../errors.ts';

/** `body` where `encoding` is identity, decompressed where it is gzip. Throws ApiError for any other. */
export function decompress(body: RequestPayload, encoding: string | undefined): Readable {
  // Names of encodings are not case-sensitive, and x-gzip is an old one of gzip (RFC 9110, 8.4.1).
  switch (encoding?.toLowerCase()) {
    case undefined:
    case 'identity':
      return body;
    case 'gzip':
    case 'x-gzip':
      return gunzip(body);
    default:
      throw new ApiError('unsupported-media-type', `The encoding ${JSON.stringify(encoding)} is not understood`, {
        hint: 'Compress with gzip, or not at all',
      });
  }
}

/** Records compress to a twentieth, the most alike ones to a sixtieth. */
export const SWELL_MAX = 100;
/** Below it nobody counts. */
const SWOLLEN_BYTES_MIN = 256 * 1024;

/** Bytes that the body of a request comes to at most, as far as its head tells; `limit`: that of its route. */
export function plainBytesMax(headers: IncomingHttpHeaders, limit: number): number {
  const length = Number(headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(length)) return limit;
  const isPlain = (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity';
  return Math.min(limit, isPlain ? length : Math.max(SWOLLEN_BYTES_MIN, length * SWELL_MAX));
}

function gunzip(body: Readable): Readable {
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const isSwollen = bytes > Math.max(SWOLLEN_BYTES_MIN, plain.receivedEncodedLength * SWELL_MAX);
      if (isSwollen) done(new ApiError('body-too-large', `The body swells to more than ${SWELL_MAX} times its length`));
      else done(null, chunk);
    },
  });
  // Fastify compares it with Content-Length, which is that of the compressed body.
  const plain = Object.assign(counted, { receivedEncodedLength: 0 });
  body.on('data', (chunk: Buffer) => {
    plain.receivedEncodedLength += chunk.length;
  });
  // Fastify listens no longer when it has refused the body, and an error that nobody hears ends the server.
  plain.on('error', () => {});
  const unzipped = createGunzip();
  body.on('error', (error) => plain.destroy(error));
  unzipped.on('error', ({ message }) => {
    plain.destroy(new ApiError('invalid-batch', `The body is no whole gzip stream: ${message}`));
  });
  plain.on('close', () => unzipped.destroy());
  body.pipe(unzipped).pipe(plain);
  return plain;
}
