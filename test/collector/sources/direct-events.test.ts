// The short way from bytes to JSON and to documents must say exactly what the ordinary way says, whatever the bytes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditRecord, MalformedRecord } from '../../../src/audit/record.ts';
import { type DecodeCounts, decodeInputs } from '../../../src/collector/sources/decode-inputs.ts';
import { readInputs } from '../../../src/collector/sources/read-inputs.ts';
import { SourceHosts } from '../../../src/collector/sources/source-hosts.ts';
import { Decoder } from '../../../src/landlock/decoder.ts';
import type { Document } from '../../../src/landlock/document.ts';
import type { Room } from '../../../src/landlock/stencil/stencil-json.ts';
import { repeatedLog } from '../../support/repeated-log.ts';

const CORPUS = new URL('../../fixtures/conformance/', import.meta.url).pathname;

/** Takes both ways' lines in order; counts what came the short way. */
class Lines {
  direct = 0;
  readonly #parts: (string | Uint8Array)[] = [];
  readonly #unfinished: (() => void)[] = [];
  #room: Room = { block: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), at: 0 };

  document(document: Document, records: string | undefined): void {
    this.#parts.push(`${records === undefined ? '' : `${records}\n`}${JSON.stringify(document)}\n`);
  }

  reserve(bytes: number): Room {
    const block = new Uint8Array(bytes);
    this.#room = { block, view: new DataView(block.buffer), at: 0 };
    return this.#room;
  }

  commit(end: number): void {
    this.direct++;
    this.#parts.push(this.#room.block.subarray(0, end));
  }

  beforeOutput(finish: () => void): void {
    this.#unfinished.push(finish);
  }

  get text(): string {
    for (const finish of this.#unfinished.splice(0)) finish();
    return this.#parts.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('utf8'))).join('');
  }
}

interface Decoded {
  /** Lines of JSON; before the first of an event its records, where they were wanted. */
  readonly text: string;
  readonly counts: Omit<DecodeCounts, 'lost_by_cause'>;
  readonly direct: number;
}

const LOCAL = { id: 'a'.repeat(32), name: 'here', bootId: 'b'.repeat(32), bootStartMs: 1_900_000_000_000 };

function common(chunks: readonly Buffer[]) {
  return {
    paths: ['-'],
    stdin: Readable.from(chunks, { objectMode: false }),
    format: undefined,
    room: () => undefined,
    isStopped: () => false,
  };
}

/** Without the short way. */
async function decodeOrdinarily(chunks: readonly Buffer[], raw: boolean): Promise<Decoded> {
  const lines = new Lines();
  const hosts = new SourceHosts({ host: 'lab', local: LOCAL, hostIdOf: (machineId) => machineId });
  const decoder = new Decoder({
    hostFor: (node) => hosts.hostFor(node),
    completesOn: 'proctitle',
    raw,
    onDocument: (document, records) => lines.document(document, records),
    onBoot: (node, _timestampMs, cause) => {
      if (cause === 'serial-restart') hosts.restart(node);
    },
  });
  const sink = {
    record: (record: AuditRecord) => decoder.pushParsed(record),
    malformed: (input: MalformedRecord) => decoder.pushParsed(input),
    notice: (line: string, node: string) => decoder.pushNotice(line, node),
  };
  await readInputs({ ...common(chunks), hosts, sink });
  decoder.end();
  return { text: lines.text, counts: decoder.counts, direct: 0 };
}

async function decode(chunks: readonly Buffer[], to: 'json' | 'documents'): Promise<Decoded> {
  const lines = new Lines();
  const counts = await decodeInputs({
    ...common(chunks),
    host: 'lab',
    local: LOCAL,
    hostIdOf: (machineId) => machineId,
    serialGaps: true,
    raw: to === 'documents',
    onDocument: (document, records) => lines.document(document, records),
    ...(to === 'json' ? { json: lines } : {}),
  });
  return { text: lines.text, counts, direct: lines.direct };
}

function chunked(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/** How many events came the short way; all ways' answers must be the same. */
async function compare(bytes: Buffer, chunkBytes = 65_536): Promise<number> {
  const chunks = chunked(bytes, chunkBytes);
  const json = await decode(chunks, 'json');
  const documents = await decode(chunks, 'documents');
  const ordinary = await decodeOrdinarily(chunks, false);
  expect(json.text).toBe(ordinary.text);
  expect(documents.text).toBe((await decodeOrdinarily(chunks, true)).text);
  expect(json.counts).toMatchObject(documents.counts);
  expect(documents.counts).toMatchObject(countsOf(ordinary));
  return json.direct;
}

function countsOf({ counts: { records, events, denials, domains, malformed } }: Decoded): Partial<DecodeCounts> {
  return { records, events, denials, domains, malformed };
}

const LOGS = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
  // What ausearch interpreted is refused as a whole (conformance.test.ts).
  .filter((name) => name.endsWith('.log') && !name.includes('interpreted'))
  .sort();

describe('logs of real kernels', () => {
  let direct = 0;

  it.each(LOGS)('gives the same for %s, and for it three times over', async (name) => {
    const bytes = readFileSync(join(CORPUS, name));
    const log = bytes.toString('latin1');
    direct += await compare(Buffer.from(repeatedLog(log.endsWith('\n') ? log : `${log}\n`, 3), 'latin1'));
  });

  it('took the short way', () => {
    expect(direct).toBeGreaterThan(100);
  });

  it('gives the same for so many events that their ids are worked out together', async () => {
    const log = readFileSync(join(CORPUS, 'kernel-6.18.44/two-records.log'), 'latin1');
    const times = 700;
    // Not a multiple of what is worked out together, whatever the log has.
    expect(await compare(Buffer.from(repeatedLog(log, times), 'latin1'))).toBeGreaterThan(2 * times);
  });
});

/** One event as auditd writes it. */
interface Parts {
  readonly access: string;
  readonly allocation: string;
  readonly call: string;
  readonly title: string;
  readonly names: 'UNKNOWN' | 'LANDLOCK';
  readonly ending: string;
}

function eventText(parts: Parts, at: number): string {
  const stamp = `msg=audit(${1_795_000_000 + at}.${String((at * 37) % 1000).padStart(3, '0')}:${500 + at}): `;
  const [access, domain] =
    parts.names === 'UNKNOWN' ? ['UNKNOWN[1423]', 'UNKNOWN[1424]'] : ['LANDLOCK_ACCESS', 'LANDLOCK_DOMAIN'];
  const allocation = parts.allocation === '' ? '' : `type=${domain} ${stamp}${parts.allocation}${parts.ending}`;
  return (
    `type=${access} ${stamp}${parts.access}${parts.ending}${allocation}` +
    `type=SYSCALL ${stamp}${parts.call}${parts.ending}type=PROCTITLE ${stamp}${parts.title}${parts.ending}`
  );
}

function hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase();
}

/** Mostly what the kernel writes, sometimes what it would never write. */
function mostly(usual: readonly string[], odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 15 },
    { arbitrary: fc.constantFrom(...odd), weight: 1 },
  );
}

const domain = mostly(['1355a0000', 'a', 'ffffffffffffffff', '1355a0009'], ['XYZ', '0', '12345678901234567', '']);
const number = mostly(['1', '77', '4294967295', '999999999', '0'], ['012', '1000000000', '-1', '', '12a']);
const port = mostly(['1', '80', '65535'], ['65536', '0', '080', '']);
const untrusted = mostly(
  ['"/srv/a"', '"/srv/data/b.txt"', '"sh"', hex('/srv/with space'), hex('/srv/\u00e9'), '"(null)"', '(null)'],
  ['""', '"<too_long>"', '"a b"', '"/a\\b"', hex('/q"uote'), hex('<no_memory>'), hex('/nul\0l'), '?', 'ABC', '2f61'],
);
const object = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(untrusted, number).map(([path, inode]) => ` path=${path} dev="vda2" ino=${inode}`) },
  fc.tuple(untrusted, untrusted).map(([one, two]) => ` path=${one} path=${two}`),
  fc.tuple(port, port).map(([one, two]) => ` saddr=127.0.0.1 src=${one} daddr=::1 dest=${two}`),
  port.map((to) => ` daddr=10.1.2.3 dest=${to}`),
  fc.tuple(number, untrusted).map(([pid, comm]) => ` opid=${pid} ocomm=${comm}`),
  mostly(['', ' new_field=7', ' ioctlcmd=0x5401'], [' ', ' word', ' =x', ' path="/a', ' UID="root"']),
);
const blockers = fc.constantFrom(
  'fs.read_file',
  'fs.write_file,fs.read_file',
  'net.bind_tcp',
  'net.connect_tcp',
  'scope.signal',
  'ptrace',
  'scope.abstract_unix_socket',
  'fs.new_right',
  '',
);
const parts: fc.Arbitrary<Parts> = fc
  .record({
    domain,
    other: domain,
    blockers,
    object,
    allocated: fc.boolean(),
    pid: number,
    parent: number,
    tty: mostly(['pts1', '(none)'], ['tty-S0', '']),
    session: number,
    comm: untrusted,
    exe: untrusted,
    args: mostly(['ff', '0', '7ffd9b4df064'], ['FF', '']),
    tail: mostly([' subj=unconfined key=(null)', ' key="watch"', ' subj=a (b) key=(null)'], ['', ' more=1']),
    title: mostly(
      [`proctitle=${hex('/bin/a\0-c\0x')}`, `proctitle=${hex('/bin/a\0')}`, 'proctitle="sh"', 'proctitle=(null)'],
      [
        `proctitle=${hex('a\0\0')}`,
        'proctitle=00',
        'proctitle=""',
        'proctitle=ABC',
        `proctitle=${hex('b"\\')}`,
        'proctitle="sh" more=1',
      ],
    ),
    names: fc.constantFrom('UNKNOWN' as const, 'LANDLOCK' as const),
    ending: mostly(['\n', '\x1dARCH=x86_64 AUID="root"\n'], ['\r\n', ' \n', ' \x1dA="b"\n']),
  })
  .map((of) => ({
    access: `domain=${of.domain} blockers=${of.blockers}${of.object}`,
    allocation: of.allocated
      ? `domain=${of.other} status=allocated mode=enforcing pid=${of.pid} uid=0 exe=${of.exe} comm=${of.comm}`
      : '',
    call:
      `arch=c000003e syscall=257 success=no exit=-13 a0=${of.args} a1=7f a2=0 a3=0 items=0 ppid=${of.parent} ` +
      `pid=${of.pid} auid=1000 uid=1000 gid=1000 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=${of.tty} ` +
      `ses=${of.session} comm=${of.comm} exe=${of.exe}${of.tail}`,
    title: of.title,
    names: of.names,
    ending: of.ending,
  }));

describe('any log', () => {
  it('gives the same for events with any values', async () => {
    let direct = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(parts, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 50, max: 4000 }),
        async (kinds, size) => {
          const events = [...kinds, ...kinds, ...kinds, ...kinds].map(eventText);
          direct += await compare(Buffer.from(events.join(''), 'latin1'), size);
        },
      ),
      { numRuns: 300 },
    );
    expect(direct).toBeGreaterThan(200);
  }, 120_000);

  it('gives the same for logs with bytes changed, lines lost, doubled and swapped', async () => {
    const log = readFileSync(
      join(
        CORPUS,
        'kernel-6.18.44',
        readdirSync(join(CORPUS, 'kernel-6.18.44')).filter((name) => name.endsWith('.log'))[0] ?? '',
      ),
      'latin1',
    );
    const lines = repeatedLog(log, 4).split('\n').slice(0, 400);
    const change = fc.record({ line: fc.nat(lines.length - 1), at: fc.nat(400), byte: fc.nat(255), kind: fc.nat(4) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 12 }),
        fc.integer({ min: 300, max: 70_000 }),
        async (changes, size) => {
          const changed = [...lines];
          for (const { line, at, byte, kind } of changes) {
            const text = changed[line] ?? '';
            if (kind === 0) changed.splice(line, 1);
            else if (kind === 1) changed.splice(line, 0, text);
            else if (kind === 2) changed.splice(line, 2, changed[line + 1] ?? '', text);
            else
              changed[line] =
                `${text.slice(0, at)}${String.fromCharCode(byte)}${text.slice(at + (kind === 3 ? 1 : 0))}`;
          }
          await compare(Buffer.from(changed.join('\n'), 'latin1'), size);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});
