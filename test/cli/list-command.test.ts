// The query commands against a server of the test's own: pages, options, streams, errors.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXPORT_FORMATS } from '../../src/api/export/formats.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Denial } from '../../src/landlock/document.ts';
import { packageVersion } from '../../src/runtime/package-version.ts';
import { sampleDenial } from '../support/sample-documents.ts';
import { type TestIoOptions, testIo } from '../support/test-io.ts';

type Handler = (url: URL, response: ServerResponse, request: IncomingMessage) => unknown;

let server: Server;
let address: string;
let handler: Handler;
let requests: URL[];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    requests.push(url);
    const answer = handler(url, response, request);
    if (answer !== undefined) {
      response.end(JSON.stringify(answer));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Denials numbered 1 to `last`, newest first, in pages as the server cuts them. */
function pagesOf(last: number): Handler {
  return (url) => {
    const from = Number(url.searchParams.get('cursor') ?? last);
    const to = Math.max(0, from - Number(url.searchParams.get('limit')));
    const data = Array.from({ length: from - to }, (_, i) => sampleDenial(from - i));
    return { data, next_cursor: to > 0 ? String(to) : null };
  };
}

async function trespass(argv: readonly string[], options: TestIoOptions = {}) {
  const io = testIo(options);
  const exitCode = await runProgram([...argv, '--url', address], io);
  return { exitCode, out: io.out(), err: io.err() };
}

describe('trespass denials', () => {
  it('prints a table: header first, newest first, and says that there are more', async () => {
    handler = pagesOf(150);
    const { exitCode, out, err } = await trespass(['denials']);
    const lines = out.trimEnd().split('\n');
    expect([exitCode, lines.length, err]).toEqual([0, 101, 'there are more than these 100: see --limit and --since\n']);
    expect(lines[0]).toMatch(/^TIME +HOST +PROGRAM +PID +DOMAIN +BLOCKERS +OBJECT$/);
    expect(lines[1]).toMatch(/ web-1 +\/usr\/bin\/sh +250 +195ba459b +fs.write_file +\/srv\/file-150$/);
  });

  it('prints everything as NDJSON, page after page', async () => {
    handler = pagesOf(1_100);
    const { exitCode, out, err } = await trespass(['denials', '--json']);
    const numbers = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).event.sequence);
    expect([exitCode, err]).toEqual([0, '']);
    expect(numbers).toEqual(Array.from({ length: 1_100 }, (_, i) => 1_100 - i));
    expect(requests.length).toBe(3);
  });

  it('asks for no more than its limit', async () => {
    handler = pagesOf(1_100);
    const { out } = await trespass(['denials', '--json', '--limit', '501']);
    expect(out.trimEnd().split('\n')).toHaveLength(501);
    expect(requests.map((url) => url.searchParams.get('limit'))).toEqual(['500', '1']);
  });

  it('passes its options on', async () => {
    handler = () => ({ data: [], next_cursor: null });
    const argv = ['--since', '2026-03-01T10:00:00+01:00', '--until', '2026-03-02', '--query', 'blocker:fs.* and pid:1'];
    await trespass(['denials', ...argv, '--host', 'web-1', '--fleet', 'f', '--canary', '--limit', '5']);
    expect(requests[0]?.pathname).toBe('/api/v1/denials');
    expect(Object.fromEntries(requests[0]?.searchParams ?? [])).toEqual({
      from: '2026-03-01T09:00:00.000Z',
      to: '2026-03-02T00:00:00.000Z',
      q: 'blocker:fs.* and pid:1',
      host: 'web-1',
      fleet: 'f',
      include: 'canary',
      limit: '5',
    });
  });

  it('reckons --since 24h back from now', async () => {
    handler = () => ({ data: [], next_cursor: null });
    await trespass(['denials', '--since', '24h']);
    const ageMs = Date.now() - Date.parse(requests[0]?.searchParams.get('from') ?? '');
    expect(Math.abs(ageMs - 86_400_000)).toBeLessThan(10_000);
  });

  it('sends its token, also from the environment', async () => {
    const seen: (string | undefined)[] = [];
    handler = (_url, _response, request) => {
      seen.push(request.headers.authorization);
      return { data: [], next_cursor: null };
    };
    await trespass(['denials', '--token', 'one']);
    await trespass(['denials'], { env: { TRESPASS_TOKEN: 'two' } });
    expect(seen).toEqual(['Bearer one', 'Bearer two']);
  });

  it('ends with 3 when nothing matched', async () => {
    handler = () => ({ data: [], next_cursor: null });
    expect(await trespass(['denials'])).toEqual({ exitCode: 3, out: '', err: 'no denials matched\n' });
    expect(await trespass(['denials', '--json'])).toEqual({ exitCode: 3, out: '', err: 'no denials matched\n' });
  });

  it('lets nothing from a record act on the terminal, in a table and in JSON', async () => {
    const path = '/srv/\u001b]0;owned\u0007\n\u202ename';
    handler = () => ({ data: [sampleDenial(1, { path })], next_cursor: null });
    const table = await trespass(['denials'], { isTty: true, columns: 200, env: { NO_COLOR: '1' } });
    expect(table.out).toContain('/srv/\\x1b]0;owned\\x07\\x0a\\u{202e}name\n');
    const { out } = await trespass(['denials', '--json']);
    expect(out).toContain('\\u202ename');
    expect(JSON.parse(out).file.path).toBe(path);
  });

  it.each([
    [401, 4],
    [403, 4],
    [400, 2],
    [500, 1],
  ])('says what the server says at %i and ends with %i', async (status, expected) => {
    handler = (_url, response) => {
      response.statusCode = status;
      return { title: 'No', status, detail: 'the query has an error at 3', hint: 'write blocker:fs.*' };
    };
    expect(await trespass(['denials'])).toEqual({
      exitCode: expected,
      out: '',
      err: 'trespass: the query has an error at 3: write blocker:fs.*\n',
    });
  });

  it('says so when nobody answers, or somebody else', async () => {
    handler = (_url, response) => {
      response.end('<html>');
    };
    expect((await trespass(['denials'])).err).toMatch(/^trespass: the server at http:\S+ answered 200 without JSON: /);
    server.closeAllConnections();
    server.close();
    const { exitCode, err } = await trespass(['denials']);
    expect([exitCode, err]).toEqual([
      1,
      expect.stringMatching(/^trespass: the server at \S+ does not answer .*: .*\n$/),
    ]);
  });
});

describe('trespass denials --format', () => {
  it.each(Object.entries(EXPORT_FORMATS))('writes %s as the export of the server does', async (name, format) => {
    handler = pagesOf(501);
    const { exitCode, out } = await trespass(['denials', '--format', name]);
    const denials = Array.from({ length: 501 }, (_, n) => sampleDenial(501 - n));
    const rows = denials.map((denial) => format.toText(denial, packageVersion));
    expect([exitCode, out]).toEqual([0, format.head + rows.join('')]);
  });

  it('refuses what is none, and other lists have none', async () => {
    expect(await trespass(['denials', '--format', '__proto__'])).toMatchObject({ exitCode: 2, out: '' });
    expect(await trespass(['denials', '--json', '--format', 'csv'])).toMatchObject({ exitCode: 2 });
    expect((await trespass(['hosts', '--format', 'csv'])).err).toContain('use --json');
  });
});

describe('trespass denials --follow', () => {
  const stream = (response: ServerResponse) => {
    response.setHeader('content-type', 'text/event-stream');
    response.write(': welcome\n\n');
    const send = (event: string, data: unknown) =>
      response.write(`id: 1\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    return send;
  };

  it('prints what is there, oldest first, then what comes, and each once', async () => {
    let send: (event: string, data: unknown) => void = () => {};
    const list = pagesOf(20);
    handler = (url, response, request) => {
      if (url.pathname.endsWith('/stream')) {
        send = stream(response);
        return undefined;
      }
      return list(url, response, request);
    };
    const io = testIo();
    const running = runProgram(['denials', '--follow', '--json', '--url', address], io);
    await io.waitFor(/"sequence":20/);
    send('heartbeat', {});
    send('denial', sampleDenial(20));
    send('domain', { kind: 'domain-allocated' });
    send('denial', sampleDenial(21));
    await io.waitFor(/"sequence":21/);
    io.abort();
    expect(await running).toBe(0);
    const numbers = io
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Denial).event.sequence);
    expect(numbers).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  });

  it('fails when the stream breaks off', async () => {
    handler = (url, response) => {
      if (url.pathname.endsWith('/stream')) {
        stream(response);
        sleep(100).then(() => response.destroy());
        return undefined;
      }
      return { data: [], next_cursor: null };
    };
    expect(await trespass(['denials', '--follow'])).toMatchObject({
      exitCode: 1,
      err: expect.stringMatching(/closed the stream/),
    });
  });
});

describe('an option that means nothing for a list', () => {
  it.each([
    ['hosts', '--query', 'pid:1'],
    ['hosts', '--canary'],
    ['fleets', '--query', 'pid:1'],
    ['fleets', '--host', 'web-1'],
    ['fleets', '--canary'],
    ['programs', '--query', 'pid:1'],
  ])('is refused: %s %s', async (list, option, ...value) => {
    handler = () => ({ data: [], next_cursor: null });
    const { exitCode, err } = await trespass([list, option, ...value]);
    expect([exitCode, err.includes(`${list} takes no ${option}`)]).toEqual([2, true]);
    const help = await trespass([list, '--help']);
    expect(help.out.includes(`  ${option} `)).toBe(false);
  });

  it('is none for the others', async () => {
    handler = () => ({ data: [], next_cursor: null });
    for (const list of ['denials', 'issues', 'domains']) {
      const options = ['--query', 'pid:1', '--host', 'web-1', '--canary'];
      expect([list, (await trespass([list, ...options])).exitCode]).toEqual([list, 3]);
    }
  });
});

describe('trespass hosts', () => {
  const host = (name: string, hour: number) => ({
    ...{ id: `id-${name}`, name, fleet: name[0], denials: 1, domains: 1, malformed: 0, unlogged: 0 },
    lost: [
      { cause: 'socket-overrun', count: 2 },
      { cause: 'kernel-lost', count: 3 },
    ],
    first_seen: `2026-03-01T0${hour}:00:00.000Z`,
    last_seen: `2026-03-01T0${hour}:30:00.000Z`,
  });
  const names = ({ out }: { out: string }) =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).name);

  it('sums what was lost in the table', async () => {
    handler = () => ({ data: [host('a1', 1)], next_cursor: null });
    expect((await trespass(['hosts'])).out).toMatch(/^a1 +a +1 +1 +0 +5 +0 /m);
  });

  it('chooses by time, name and fleet', async () => {
    handler = () => ({ data: [host('a1', 1), host('a2', 2), host('b3', 3)], next_cursor: null });
    expect(names(await trespass(['hosts', '--json', '--since', '2026-03-01T02:10:00Z']))).toEqual(['a2', 'b3']);
    expect(names(await trespass(['hosts', '--json', '--until', '2026-03-01T02:00:00Z']))).toEqual(['a1']);
    expect(names(await trespass(['hosts', '--json', '--host', 'id-b3']))).toEqual(['b3']);
    expect(names(await trespass(['hosts', '--json', '--fleet', 'a']))).toEqual(['a1', 'a2']);
    expect((await trespass(['hosts', '--host', 'c'])).exitCode).toBe(3);
  });

  it('refuses a query rather than to ignore it', async () => {});
});

describe('trespass hosts --follow', () => {
  it('prints a row again when it has changed', async () => {
    let denials = 1;
    const seen = { first_seen: '2026-03-01T10:00:00.000Z', last_seen: '2026-03-01T11:00:00.000Z' };
    const host = { id: 'a', name: 'web-1', fleet: 'default', malformed: 0, lost: [], unlogged: 0, domains: 1, ...seen };
    handler = () => ({ data: [{ ...host, denials }], next_cursor: null });
    const io = testIo();
    const running = runProgram(['hosts', '--follow', '--json', '--url', address], io);
    await io.waitFor(/"denials":1\b/);
    await sleep(1_200);
    denials = 2;
    await io.waitFor(/"denials":2\b/);
    io.abort();
    expect(await running).toBe(0);
    expect(io.out().trimEnd().split('\n')).toHaveLength(2);
  });
});
