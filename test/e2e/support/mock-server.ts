// Stands in for the server: the built page with the same security policy, canned answers, and a stream that the test
// speaks into. The real server has a test of its own (live.test.ts).
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const WEB = join(import.meta.dirname, '../../../dist/web');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** What a path below /api/v1 answers: a value (200), or a problem with its status. `undefined`: 404. */
export type Answers = (path: string, parameters: URLSearchParams, request?: AskedRequest) => unknown;

export interface AskedRequest {
  readonly method: string;
  /** Parsed; undefined where there is none. */
  readonly body: unknown;
  readonly origin: string | undefined;
}

/** An answer other than 200. */
export class ProblemAnswer {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, detail: string, hint: string) {
    this.status = status;
    this.body = { type: 'urn:trespass:problem:test', title: 'Problem', status, detail, hint, instance: 'req-7f' };
  }
}

export interface MockServer {
  readonly url: string;
  /** Paths with parameters, in the order of asking. */
  readonly asked: string[];
  /** Speaks to every open stream. */
  emit(event: string, data: unknown): void;
  /** How many streams are open. */
  streamCount(): number;
  /** Breaks every open stream. */
  cutStreams(): void;
  setAnswers(answers: Answers): void;
  close(): Promise<void>;
}

export async function startMockServer(answers: Answers): Promise<MockServer> {
  let current = answers;
  const streams = new Set<ServerResponse>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/api/v1/denials/stream') {
      openStream(request, response, streams, current(url.pathname.slice(7), url.searchParams));
    } else if (url.pathname.startsWith('/api/v1/')) {
      asked.push(`${request.method} ${url.pathname.slice(7)}${url.search}`);
      void readRequest(request).then((read) =>
        answerJson(response, current(url.pathname.slice(7), url.searchParams, read)),
      );
    } else {
      answerFile(response, url.pathname);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cutStreams = (): void => {
    for (const stream of streams) {
      stream.destroy();
    }
    streams.clear();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    emit: (event, data) => {
      for (const stream of streams) {
        stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      }
    },
    streamCount: () => streams.size,
    cutStreams,
    setAnswers: (next) => {
      current = next;
    },
    close: async () => {
      cutStreams();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<AskedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    body: text === '' ? undefined : JSON.parse(text),
    origin: request.headers.origin,
  };
}

function openStream(
  request: IncomingMessage,
  response: ServerResponse,
  streams: Set<ServerResponse>,
  answer: unknown,
): void {
  if (answer instanceof ProblemAnswer) {
    answerJson(response, answer);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 2000\n\nevent: heartbeat\ndata: {}\n\n');
  streams.add(response);
  request.on('close', () => streams.delete(response));
}

function answerJson(response: ServerResponse, answer: unknown): void {
  if (answer instanceof ProblemAnswer || answer === undefined) {
    const problem = answer ?? new ProblemAnswer(404, 'There is no such thing', 'Look elsewhere');
    response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify(problem.body));
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(answer));
}

function answerFile(response: ServerResponse, path: string): void {
  // As the server does: the addresses of pages all get the same file.
  const name = path.includes('.') ? path.slice(1) : 'index.html';
  if (name !== 'index.html' && !/^assets\/[\w.-]+$/.test(name)) {
    response.writeHead(404).end();
    return;
  }
  try {
    const content = readFileSync(join(WEB, name));
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
    });
    response.end(content);
  } catch {
    response.writeHead(500).end('dist/web is missing: run npm run build');
  }
}
