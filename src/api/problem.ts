// From anything thrown to the one form of all errors: RFC 9457 application/problem+json. What is not known to be
// harmless is told to the log alone.
import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StoreError } from '../store/database/store-error.ts';
import { API_ERRORS, ApiError, type ApiErrorCode } from './errors.ts';
import type { Problem } from './schemas/problem.ts';

/** The media type of every error. */
export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** How long a collector should wait when the store cannot take a batch. */
const STORE_RETRY_SECONDS = 5;

/** The document of an ApiError. `instance`: the request's id in the log. */
export function toProblem(error: ApiError, instance?: string): Problem {
  const kind = API_ERRORS[error.code];
  return {
    type: `urn:trespass:problem:${error.code}`,
    title: kind.title,
    status: kind.status,
    detail: error.message,
    hint: error.options.hint ?? kind.hint,
    ...(instance !== undefined && { instance }),
    ...(error.options.position !== undefined && { position: error.options.position }),
    ...(error.options.expectedSeq !== undefined && { expected_seq: error.options.expectedSeq }),
  };
}

/** What of the framework's own errors may be told, by its code (fastify/docs/Reference/Errors.md). */
const FRAMEWORK_ERRORS: ReadonlyMap<string, ApiErrorCode> = new Map<string, ApiErrorCode>([
  ['FST_ERR_VALIDATION', 'invalid-parameter'],
  ['FST_ERR_BAD_URL', 'bad-request'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'uri-too-long'],
  ['FST_ERR_ASYNC_CONSTRAINT', 'bad-request'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'body-too-large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported-media-type'],
  ['FST_ERR_CTP_EMPTY_TYPE', 'unsupported-media-type'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'bad-request'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'bad-request'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'bad-request'],
]);

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** Anything thrown as an ApiError; what nobody expected becomes `internal` with no more said. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  if (error instanceof StoreError) {
    return new ApiError('store-unavailable', error.message, {
      hint: error.mend,
      retryAfterSeconds: STORE_RETRY_SECONDS,
      cause: error,
    });
  }
  const code = FRAMEWORK_ERRORS.get(codeOf(error) ?? '');
  const message = error instanceof Error ? error.message : String(error);
  if (code !== undefined) {
    return new ApiError(code, message, { cause: error });
  }
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    return new ApiError('bad-request', message || (STATUS_CODES[status] ?? 'bad request'), { cause: error });
  }
  return new ApiError('internal', 'An unexpected error, told to the log of the server', { cause: error });
}

/** The app's error handler: answers with the problem, and logs what is our fault. */
export function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = toApiError(thrown);
  const problem = toProblem(error, request.id);
  if (error.code === 'internal') {
    request.log.error({ err: thrown, url: request.url }, 'unexpected error');
  } else if (problem.status >= 500) {
    request.log.warn({ code: error.code, url: request.url }, error.message);
  }
  if (error.options.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(error.options.retryAfterSeconds));
  }
  if (error.options.allow !== undefined) {
    reply.header('allow', error.options.allow.join(', '));
  }
  if (problem.status === 401) {
    reply.header('www-authenticate', 'Bearer realm="trespass"');
  }
  reply.code(problem.status).header('content-type', PROBLEM_TYPE).header('cache-control', 'no-store');
  reply.serializer((body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body)));
  reply.send(problem);
}

/** A whole HTTP/1.1 response for what broke before there was a request. */
export function rawProblemResponse(error: ApiError): string {
  const problem = toProblem(error);
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
