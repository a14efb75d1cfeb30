// A compressed body as the plain one. Fastify bounds what comes out as it bounds any body, so that a small body that
// swells is cut off at the limit of its route.
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { RequestPayload } from 'fastify';
import { ApiError } from './errors.ts';

/** `body` where `encoding` is identity, decompressed where it is gzip. Throws ApiError for any other. */
export function decompress(body: RequestPayload, encoding: string | undefined): Readable {
  switch (encoding) {
    case undefined:
    case 'identity':
      return body;
    case 'gzip':
      return gunzip(body);
    default:
      throw new ApiError('unsupported-media-type', `The encoding ${JSON.stringify(encoding)} is not understood`, {
        hint: 'Compress with gzip, or not at all',
      });
  }
}

function gunzip(body: Readable): Readable {
  // Fastify compares it with Content-Length, which is that of the compressed body.
  const plain = Object.assign(new PassThrough(), { receivedEncodedLength: 0 });
  body.on('data', (chunk: Buffer) => {
    plain.receivedEncodedLength += chunk.length;
  });
  pipeline(body, createGunzip(), plain, (error) => {
    if (error) plain.destroy(new ApiError('invalid-batch', `The body is no whole gzip stream: ${error.message}`));
  });
  return plain;
}
