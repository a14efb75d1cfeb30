// Every error that the API answers, once: code, status and what the reader of it should do. Routes throw
// ApiError with a code of this list; problem.ts turns it, and what others throw, into a document.

interface ErrorKind {
  readonly status: number;
  readonly title: string;
  readonly hint: string;
}

/** By code. The document's `type` is `urn:trespass:problem:` and the code. */
export const API_ERRORS = {
  'bad-request': {
    status: 400,
    title: 'The request is not understood',
    hint: 'Compare it with /api/v1/openapi.json',
  },
  'invalid-parameter': {
    status: 400,
    title: 'A parameter is not valid',
    hint: 'Compare the parameters with /api/v1/openapi.json',
  },
  'invalid-query': {
    status: 400,
    title: 'The query has a mistake',
    hint: 'Example: blocker:fs.* and not program:"/usr/bin/foo" and path:"/etc/*"',
  },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    hint: 'Pass next_cursor as it came, with the same parameters, or begin again without it',
  },
  'invalid-batch': {
    status: 400,
    title: 'The batch breaks the delivery protocol',
    hint: 'Update the collector and the server to the same version',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first',
    hint: 'Sign in at /, open a sign-in link (`trespass link` makes one), or send Authorization: Bearer trp_…',
  },
  'wrong-credentials': {
    status: 401,
    title: 'Signing in failed',
    hint: 'Mind capital letters; `trespass user list` on the server says who there is, `trespass user passwd` sets another password',
  },
  'wrong-password': {
    status: 403,
    title: 'The present password is another',
    hint: 'Mind capital letters; who administrates can set another password',
  },
  'missing-scope': {
    status: 403,
    title: 'Not allowed',
    hint: 'Use a token with the scope that the detail names',
  },
  'agent-pending': {
    status: 403,
    title: 'This agent may not deliver yet',
    hint: 'Somebody has to approve it: POST /api/v1/agents/{id}/approve; the collector keeps what it has',
  },
  'agent-conflict': {
    status: 403,
    title: 'Two machines have the identity of this agent',
    hint: 'Give the clone a machine id of its own (rm /etc/machine-id; systemd-machine-id-setup), enrol it there with --new-identity, then approve this agent again',
  },
  'cross-site': {
    status: 403,
    title: 'Requests from other sites are refused',
    hint: 'Send the request from the dashboard itself, or use a token',
  },
  'csrf-token': {
    status: 403,
    title: 'The write does not show that it comes from our own page',
    hint: 'Send X-CSRF-Token as GET /api/v1/session gives it, or use a token',
  },
  'not-by-proxy': {
    status: 403,
    title: 'This server is reached by its proxy alone',
    hint: 'Ask the proxy, or add it to server.trusted_proxies',
  },
  'tls-required': {
    status: 403,
    title: 'This server is reached by TLS alone',
    hint: 'Write https:// in the address, and let the proxy redirect plain HTTP',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    hint: 'Compare the address with /api/v1/openapi.json',
  },
  'method-not-allowed': {
    status: 405,
    title: 'The address has no such method',
    hint: 'Use one that the Allow header names, or compare with /api/v1/openapi.json',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    hint: 'Try again',
  },
  resync: {
    status: 409,
    title: 'The server has stored less than it had acknowledged',
    hint: 'Send again from expected_seq on, and say resync_seq',
  },
  'already-exists': {
    status: 409,
    title: 'There is one of that name already',
    hint: 'Choose another name, or change the one that there is',
  },
  'limit-reached': {
    status: 409,
    title: 'There are as many as there may be',
    hint: 'Remove some first',
  },
  'sign-in-link-used': {
    status: 410,
    title: 'This sign-in link does not work any more',
    hint: 'Links work once and for 15 minutes: make a new one on the server with `trespass link`',
  },
  'precondition-failed': {
    status: 412,
    title: 'Somebody else has changed it',
    hint: 'Read it again, then change it with its new ETag in If-Match',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    hint: 'Send less at once',
  },
  'uri-too-long': {
    status: 414,
    title: 'The address is too long',
    hint: 'Shorten the query',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has a type that is not understood here',
    hint: 'Send application/json, or application/x-ndjson for a batch, without compression',
  },
  'expectation-failed': {
    status: 417,
    title: 'The server cannot do what the request expects',
    hint: 'Leave Expect out, or send 100-continue',
  },
  'host-refused': {
    status: 421,
    title: 'This server does not go by that name',
    hint: 'Use the address that the server printed when it started, or add the name to server.host_names',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    hint: 'Wait as long as Retry-After says',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    hint: 'Shorten the query, or delete the cookies of this site',
  },
  internal: {
    status: 500,
    title: 'Something went wrong in the server',
    hint: 'Look for `instance` in the log of the server, and report it',
  },
  'store-unavailable': {
    status: 503,
    title: 'The database cannot be used at the moment',
    hint: 'See the log of the server; collectors keep what they have and try again',
  },
  'query-timeout': {
    status: 503,
    title: 'The query took too long',
    hint: 'Ask for a shorter span of time or a narrower query',
  },
  overloaded: {
    status: 503,
    title: 'The server has too much to do',
    hint: 'Try again as Retry-After says',
  },
  'too-many-connections': {
    status: 503,
    title: 'Too many connections of one address are open',
    hint: 'Use connections again instead of opening more, or close some',
  },
  'too-many-streams': {
    status: 503,
    title: 'Too many streams are open',
    hint: 'Close other dashboards, or try again later',
  },
} as const satisfies Record<string, ErrorKind>;

export type ApiErrorCode = keyof typeof API_ERRORS;

export interface ApiErrorOptions {
  /** Instead of the code's own hint. */
  readonly hint?: string;
  /** Offset of a syntax error in `q`. */
  readonly position?: number;
  readonly retryAfterSeconds?: number;
  /** Of `method-not-allowed`: what there is instead. */
  readonly allow?: readonly string[];
  /** Of `resync`: the first sequence number that is not stored. */
  readonly expectedSeq?: number;
  readonly cause?: unknown;
}

/** An answer other than the one asked for. `message` says what happened this time. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly options: ApiErrorOptions;

  constructor(code: ApiErrorCode, detail: string, options: ApiErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'ApiError';
    this.code = code;
    this.options = options;
  }
}
