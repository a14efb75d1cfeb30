import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BootCause, Decoder } from '../../src/landlock/decoder.ts';
import type { Document, HostFields } from '../../src/landlock/document.ts';
import { documentToJson } from '../../src/landlock/document-json.ts';
import { captureNames, readCapture } from '../support/captures.ts';
import { decodeText, TEST_HOST } from '../support/decode-text.ts';

const ACCESS = 'domain=1af blockers=fs.read_file path="/tmp/x" dev="tmpfs" ino=1';
const CALL =
  'arch=c000003e syscall=257 success=no exit=-13 a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=2 auid=0 uid=0 comm="x"';

function stamp(serial: number, ms = 0): string {
  return `msg=audit(${1_795_392_846 + Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}:${serial})`;
}

function event(serial: number, ms = 0): string[] {
  return [
    `type=LANDLOCK_ACCESS ${stamp(serial, ms)}: ${ACCESS}`,
    `type=SYSCALL ${stamp(serial, ms)}: ${CALL}`,
    `type=PROCTITLE ${stamp(serial, ms)}: proctitle="x"`,
    `type=EOE ${stamp(serial, ms)}: `,
  ];
}

function jsons(documents: readonly Document[]): string[] {
  return documents.map((doc) => documentToJson(doc)).toSorted();
}

describe('lines, chunks and messages', () => {
  it.each(captureNames('kernels', '.log'))('give the same documents for %s, however they are cut', (name) => {
    const text = readCapture(`kernels/${name}`);
    const whole = decodeText(text);
    const lines = text.split('\n');
    const documents: Document[] = [];
    const decoder = new Decoder({
      hostFor: () => TEST_HOST,
      completesOn: 'proctitle',
      onDocument: (doc) => documents.push(doc),
    });
    for (let at = 0; at < lines.length; at += 7) decoder.pushChunkLines(`${lines.slice(at, at + 7).join('\n')}\n`);
    decoder.end();
    expect(documents).toEqual(whole.documents);
    const single: Document[] = [];
    const byLine = new Decoder({
      hostFor: () => TEST_HOST,
      completesOn: 'proctitle',
      onDocument: (doc) => single.push(doc),
    });
    for (const line of lines) byLine.pushLine(line);
    byLine.end();
    expect(single).toEqual(whole.documents);
  });

  it('give the same documents from the socket', () => {
    const documents: Document[] = [];
    const decoder = new Decoder({
      hostFor: () => TEST_HOST,
      completesOn: 'eoe',
      onDocument: (doc) => documents.push(doc),
    });
    for (const line of event(7)) {
      const [, name = '', payload = ''] = /^type=(\w+) msg=(.*)$/.exec(line) ?? [];
      const types = new Map([
        ['LANDLOCK_ACCESS', 1423],
        ['SYSCALL', 1300],
        ['PROCTITLE', 1327],
        ['EOE', 1320],
      ]);
      decoder.pushRecord(types.get(name) ?? 0, payload);
    }
    expect(documents).toEqual(decodeText(event(7).join('\n')).documents);
  });

  it('carry the lines of their event with its first document', () => {
    const { raws } = decodeText([...event(7).slice(0, 1), ...event(7)].join('\n'));
    expect(raws).toEqual([[event(7)[0], ...event(7).slice(0, 3)].join('\n'), undefined]);
  });
});

describe('any interleaving of events', () => {
  it('gives the same set of documents', () => {
    const files = ['two_records.log', 'scope.log', 'never_task.log'];
    const byEvent = files.map((name) => {
      const events = new Map<string, string[]>();
      for (const line of readCapture(`scenarios/${name}`).split('\n')) {
        const key = /msg=(audit\(\S+\))/.exec(line)?.[1];
        if (key !== undefined) events.set(key, [...(events.get(key) ?? []), line]);
      }
      return [...events.values()];
    });
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.infiniteStream(fc.nat(1000)), (which, choices) => {
        const events = byEvent[which] ?? [];
        const options = { completesOn: 'eoe', serialGaps: false } as const;
        const expected = jsons(decodeText(events.flat().join('\n'), options).documents);
        const queues = events.map((lines) => [...lines]);
        const mixed: string[] = [];
        for (let left = queues; left.length > 0; left = left.filter((queue) => queue.length > 0)) {
          // Events far apart in time do not mix: the first five that are left.
          const line = left[(choices.next().value ?? 0) % Math.min(left.length, 5)]?.shift();
          if (line !== undefined) mixed.push(line);
        }
        expect(jsons(decodeText(mixed.join('\n'), options).documents)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same denial for any order of the records of one event', () => {
    const domain = `type=LANDLOCK_DOMAIN ${stamp(7)}: domain=1af status=allocated mode=enforcing pid=2 uid=0 exe="/x" comm="x"`;
    const records = [...event(7).slice(0, 3), domain];
    const expected = jsons(decodeText(records.join('\n'), { completesOn: 'eoe' }).documents);
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (shuffled) => {
        expect(jsons(decodeText(shuffled.join('\n'), { completesOn: 'eoe' }).documents)).toEqual(expected);
      }),
    );
  });
});

describe('any bytes', () => {
  it('give values, never an exception, and every line is accounted for', () => {
    const good = fc.constantFrom(
      ...event(7),
      ...event(8),
      `type=1424 ${stamp(9)}: domain=1 status=deallocated denials=1`,
    );
    const damaged = fc.tuple(good, fc.nat(200), fc.uint8Array({ maxLength: 4 })).map(([line, at, bytes]) => {
      return line.slice(0, at) + Buffer.from(bytes).toString('latin1') + line.slice(at + bytes.length);
    });
    const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const line = fc.oneof(good, damaged, noise).map((text) => text.replaceAll('\n', ' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const { counts, documents } = decodeText(lines.join('\n'));
        expect(counts.records).toBeLessThanOrEqual(lines.length);
        expect(documents.filter(({ kind }) => kind === 'malformed')).toHaveLength(counts.malformed);
        for (const document of documents)
          expect(JSON.parse(documentToJson(document))).toEqual(JSON.parse(JSON.stringify(document)));
      }),
      { numRuns: 1000 },
    );
  });

  it('in a chunk are told by their line', () => {
    const { documents } = decodeText(`${event(7).join('\n')}\ngarbage\r\n\n\0\n`);
    expect(documents.filter(({ kind }) => kind === 'malformed')).toMatchObject([
      { reason: 'not an audit record', text: 'garbage', place: { file: 'test', line: 5 } },
      { reason: expect.stringContaining('nothing but NUL bytes'), text: '', place: { file: 'test', line: 7 } },
    ]);
  });

  it('have an id of their own at every place, and the same one each time', () => {
    const ids = (): string[] => decodeText('x\nx\ny').documents.map(({ event: { id } }) => id);
    expect(new Set(ids()).size).toBe(3);
    expect(ids()).toEqual(ids());
  });
});

describe('what is lost', () => {
  it('shows as gaps of serials, with the same ids each time', () => {
    const text = [...event(7), ...event(10)].join('\n');
    const { documents, counts } = decodeText(text);
    const gaps = documents.filter(({ kind }) => kind === 'gap');
    expect(gaps).toMatchObject([
      { cause: 'serial-gap', first: 8, last: 9, count: 2, '@timestamp': expect.any(String) },
    ]);
    expect(counts.lost).toBe(2);
    expect(decodeText(text).documents).toEqual(documents);
    expect(decodeText(text, { serialGaps: false }).counts.lost).toBe(0);
  });

  it('shows as what the kernel suppressed in its log', () => {
    const { documents, counts } = decodeText('[   37.225163] kauditd_printk_skb: 12897 callbacks suppressed');
    expect(documents).toMatchObject([{ kind: 'gap', cause: 'rate-limit', count: 12_897 }]);
    expect(counts).toMatchObject({ lost: 12_897, records: 0 });
  });

  it('shows as growth of the counter that the kernel prints, at the time of the records around it', () => {
    const lost = (total: number): string =>
      `[    6.1] audit: audit_lost=${total} audit_rate_limit=0 audit_backlog_limit=64`;
    const reason = '[    6.2] audit: backlog limit exceeded';
    const boot = `[    0.1] audit: type=2000 audit(1795392846.000:1): state=initialized audit_enabled=0 res=1`;
    const gaps = (lines: readonly string[]) =>
      decodeText(lines.join('\n'), { serialGaps: false }).documents.flatMap((doc) =>
        doc.kind === 'gap' ? [[doc.cause, doc.count, doc['@timestamp']]] : [],
      );
    const at = '2026-11-23T00:14:06.000Z';
    expect(gaps([lost(285), reason, ...event(7), lost(300), reason])).toEqual([
      ['kernel-lost', 1, at],
      ['kernel-lost', 15, at],
    ]);
    expect(gaps([boot, lost(285), reason, reason])).toEqual([
      ['kernel-lost', 285, at],
      ['kernel-lost', 1, at],
    ]);
    const { documents, counts } = decodeText([lost(5), reason, lost(6)].join('\n'));
    expect([documents.length, counts.malformed, counts.records]).toEqual([2, 0, 0]);
    expect(new Set(documents.map((doc) => doc.event.id)).size).toBe(2);
  });

  it('shows as a torn event where a record must have been there', () => {
    const torn = [`type=PROCTITLE ${stamp(7)}: proctitle="x"`, `type=EOE ${stamp(7)}: `];
    const { documents } = decodeText(torn.join('\n'), { completesOn: 'eoe' });
    expect(documents).toMatchObject([{ kind: 'gap', cause: 'torn-event', first: 7, last: 7, count: 1 }]);
    const domain = `type=LANDLOCK_DOMAIN ${stamp(8)}: domain=1af status=allocated mode=enforcing pid=2 uid=0 exe="/x" comm="x"`;
    const without = [domain, ...event(8).slice(1)];
    expect(decodeText(without.join('\n')).documents.map((doc) => (doc.kind === 'gap' ? doc.cause : doc.kind))).toEqual([
      'domain-allocated',
      'torn-event',
    ]);
  });

  it('does not show where the kernel leaves records out by itself', () => {
    const quiet = [
      `type=LANDLOCK_ACCESS ${stamp(7)}: ${ACCESS}`,
      `type=LANDLOCK_DOMAIN ${stamp(8)}: domain=1af status=allocated mode=enforcing pid=2 uid=0 exe="/x" comm="x"`,
      `type=LANDLOCK_DOMAIN ${stamp(9)}: domain=1af status=deallocated denials=1`,
      `type=LANDLOCK_ACCESS ${stamp(10)}: ${ACCESS}`,
      `type=URINGOP ${stamp(10)}: uring_op=18 ppid=1 pid=2`,
      `type=EOE ${stamp(10)}: `,
    ];
    expect(decodeText(quiet.join('\n'), { completesOn: 'eoe' }).counts).toMatchObject({ lost: 0, denials: 2 });
  });
});

describe('the sum of what is lost', () => {
  const gapOfFour = [...event(7), ...event(12)];

  it('does not count the same records as missing serials and as suppressed or counted by the kernel', () => {
    const suppressed = (count: number): string => `[   37.2] kauditd_printk_skb: ${count} callbacks suppressed`;
    const lost = (total: number): string =>
      `[    6.1] audit: audit_lost=${total} audit_rate_limit=5 audit_backlog_limit=64`;
    const sum = (...lines: string[]) => decodeText([...gapOfFour, ...lines].join('\n')).counts.lost;
    expect(sum()).toBe(4);
    expect(sum(suppressed(10))).toBe(10);
    expect(sum(suppressed(3))).toBe(4);
    expect(sum(suppressed(3), suppressed(4), lost(1), lost(6))).toBe(7);
  });

  it('adds what is lost of different hosts', () => {
    const hosts = new Map<string, HostFields>();
    const hostFor = (node: string): HostFields => {
      const host = hosts.get(node) ?? { id: `host ${node}`, boot: { id: 'b' } };
      hosts.set(node, host);
      return host;
    };
    const far = gapOfFour.map((line) => `node=far ${line}`);
    expect(decodeText([...gapOfFour, ...far].join('\n'), { hostFor }).counts.lost).toBe(8);
  });
});

describe('a new boot', () => {
  function boots(lines: readonly string[]): [string[], Document[]] {
    const told: string[] = [];
    let host: HostFields = { id: 'h', boot: { id: 'first' } };
    const onBoot = (_node: string, _ms: number, cause: BootCause): void => {
      told.push(cause);
      host = { id: 'h', boot: { id: `after ${cause}` } };
    };
    const { documents } = decodeText(lines.join('\n'), { hostFor: () => host, onBoot, completesOn: 'eoe' });
    return [told, [...documents]];
  }

  it('begins with the KERNEL record, and what was in flight stays in the old one', () => {
    const [told, documents] = boots([
      ...event(7).slice(0, 2),
      `type=KERNEL ${stamp(1, 60_000)}: state=initialized audit_enabled=0 res=1`,
      ...event(2, 60_100),
    ]);
    expect(told).toEqual(['kernel-record']);
    expect(documents.map((doc) => [doc.kind, doc.host.boot.id])).toEqual([
      ['denial', 'first'],
      ['denial', 'after kernel-record'],
    ]);
  });

  it('and a start of auditd end no event of another node', () => {
    const [access = '', ...rest] = event(9).map((line) => `node=far ${line}`);
    for (const other of [
      `type=KERNEL ${stamp(1, 60)}: state=initialized audit_enabled=0 res=1`,
      `type=DAEMON_START ${stamp(9079, 10)}: op=start ver=4.2.1`,
    ]) {
      const { denials, documents } = decodeText([...event(7), access, other, ...rest].join('\n'), {
        completesOn: 'eoe',
      });
      expect(denials.map(({ process }) => process?.name)).toEqual(['x', 'x']);
      expect(documents.filter(({ kind }) => kind === 'gap')).toEqual([]);
    }
  });

  it('begins with a serial that restarts', () => {
    const [told, documents] = boots([...event(7), ...event(8), ...event(3, 60_000), ...event(4, 60_000)]);
    expect(told).toEqual(['serial-restart']);
    expect(documents.map((doc) => doc.host.boot.id)).toEqual([
      'first',
      'first',
      'after serial-restart',
      'after serial-restart',
    ]);
  });

  it('may begin with a start of auditd, and serials may jump there', () => {
    const start = `type=DAEMON_START ${stamp(9079, 10)}: op=start ver=4.2.1`;
    const [told, documents] = boots([...event(7), start, ...event(900, 20)]);
    expect(told).toEqual(['daemon-start']);
    expect(documents.map(({ kind }) => kind)).toEqual(['denial', 'denial']);
  });
});

describe('the same input twice', () => {
  it('gives the same ids, and none twice in one go', () => {
    const text = readCapture('scenarios/siblings.log');
    const once = decodeText(text, { serialGaps: false });
    const twice = decodeText(`${text}\n${text}`, { serialGaps: false });
    expect(jsons(twice.documents)).toEqual(jsons(once.documents));
  });
});

describe('memory', () => {
  it('holds copies of what is in flight, not the chunks that it came in', () => {
    const decoder = new Decoder({
      hostFor: () => TEST_HOST,
      completesOn: 'eoe',
      onDocument: () => undefined,
      serialGaps: false,
    });
    const chunk = (serial: number): string => {
      const filler = `type=USER_LOGIN ${stamp(1_000_000 + serial, 1)}: ${'x'.repeat(200_000)}\n`;
      return Buffer.from(`type=LANDLOCK_ACCESS ${stamp(serial, 1)}: ${ACCESS}\n${filler}`, 'latin1').toString('latin1');
    };
    for (let serial = 1; serial <= 50; serial++) decoder.pushChunkLines(chunk(serial));
    const before = process.memoryUsage().heapUsed;
    for (let serial = 51; serial <= 1500; serial++) decoder.pushChunkLines(chunk(serial));
    // 1450 chunks of 200 kB would be 290 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000);
  });
});
