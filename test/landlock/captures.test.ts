// The decoder against real captures: the truth that the programs wrote down while they were denied, golden files for
// a reader's eyes, and a second, plain parser.
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../src/audit/parse-line.ts';
import { recordTypeNumber } from '../../src/audit/record-types.ts';
import type { Denial } from '../../src/landlock/document.ts';
import { documentToJson } from '../../src/landlock/document-json.ts';
import { captureNames, readCapture, readTruth } from '../support/captures.ts';
import { decodeText } from '../support/decode-text.ts';
import { referenceFields, referenceLine, referenceText } from '../support/reference-parser.ts';

function pathOf(denial: Denial): string | undefined {
  const { path, path_raw: raw } = denial.file ?? {};
  if (raw !== undefined) return Buffer.from(raw, 'base64').toString('latin1');
  return path === undefined ? undefined : Buffer.from(path, 'utf8').toString('latin1');
}

const SCENARIOS = captureNames('scenarios', '.json');
const CLEAN = [...captureNames('scenarios', '.log').filter((name) => !name.startsWith('kmsg'))].map(
  (name) => `scenarios/${name}`,
);
const KERNELS = captureNames('kernels', '.log').map((name) => `kernels/${name}`);
const PROGRAMS = captureNames('programs', '.log').map((name) => `programs/${name}`);
const AUDITD = captureNames('auditd', '.audit-log.txt').map((name) => `auditd/${name}`);

describe.each(SCENARIOS)('the truth of %s', (name) => {
  const truth = readTruth(name);
  const { denials, documents, counts } = decodeText(readCapture(`scenarios/${name.replace('.json', '.log')}`));
  const idByLabel = new Map(truth.domains.map(({ label, id }) => [label, id]));
  // Where the kernel lost records an operation's place in the log is not certain: only the sums are compared.
  const operations = name === 'concurrent_lossy.json' ? [] : truth.ops;

  it('has each operation with its domain, blockers and path', () => {
    const found: unknown[] = [];
    const expected: unknown[] = [];
    for (const { events, expect: records } of operations) {
      if (events.length === 0) continue;
      const of = denials.filter((denial) => events.includes(denial.event.sequence));
      for (const [at, { domain, blockers, path }] of (records ?? []).entries()) {
        const denial = of[at];
        const bytes = denial === undefined ? undefined : pathOf(denial);
        found.push([denial?.landlock.domain.id, denial?.landlock.blockers.join(), path === undefined ? path : bytes]);
        expected.push([idByLabel.get(domain), blockers, path]);
      }
    }
    expect(found).toEqual(expected);
    expect(denials).toHaveLength(truth.summary.access_records);
  });

  it('has each domain with its creator and its end', () => {
    for (const { id, label, pid, uid, dealloc } of truth.domains) {
      if (id === null) continue;
      const own = documents.filter((doc) => 'landlock' in doc && doc.landlock.domain.id === id);
      const allocated = own.find((doc) => doc.kind === 'domain-allocated');
      const creator = { pid, uid, name: Buffer.from(label, 'latin1').toString('utf8') };
      expect(allocated?.landlock.domain.creator).toMatchObject(creator);
      const freed = own.find((doc) => doc.kind === 'domain-deallocated');
      expect(freed?.landlock.domain.denials).toBe(dealloc?.denials);
      expect(freed?.event.sequence).toBe(dealloc?.event);
    }
  });

  it('has nothing malformed and nothing lost on the way', () => {
    expect(counts).toMatchObject({ malformed: 0, lost: 0 });
  });
});

describe('clean captures', () => {
  it.each([...CLEAN, ...PROGRAMS, ...AUDITD, ...KERNELS])('%s has nothing malformed, and each id once', (name) => {
    const { counts, documents } = decodeText(readCapture(name));
    expect(counts.malformed).toBe(0);
    expect(new Set(documents.map(({ event }) => event.id)).size).toBe(documents.length);
  });

  it.each([...CLEAN, ...PROGRAMS, ...KERNELS])('%s gives the same with EOE as with PROCTITLE', (name) => {
    const bySerial = (text: string, completesOn: 'eoe' | 'proctitle'): string[] =>
      decodeText(text, { completesOn })
        .documents.map((doc) => documentToJson(doc))
        .toSorted();
    const text = readCapture(name);
    expect(bySerial(text, 'eoe')).toEqual(bySerial(text, 'proctitle'));
  });

  it.each([...CLEAN, ...PROGRAMS, ...AUDITD, ...KERNELS])('%s comes back from its raw lines', (name) => {
    const first = decodeText(readCapture(name));
    const again = decodeText(first.raws.filter((raw) => raw !== undefined).join('\n'), { serialGaps: false });
    // Events without an end are let go when time has moved on, which less input does later: only the order differs.
    const of = ({ documents }: typeof first): string[] =>
      documents
        .filter(({ kind }) => kind !== 'gap')
        .map((doc) => documentToJson(doc))
        .toSorted();
    expect(of(again)).toEqual(of(first));
  });

  it('of stress-ng and of codex have the denials that the programs provoked', () => {
    const stress = decodeText(readCapture('programs/real_stress-ng_0.15.06.log'));
    expect(stress.counts).toMatchObject({ denials: 20, domains: 20 });
    expect(new Set(stress.denials.map((denial) => denial.landlock.blockers.join()))).toEqual(new Set(['fs.make_reg']));
    expect(decodeText(readCapture('programs/real_codex_0.98.0.log')).counts.denials).toBe(0);
    expect(decodeText(readCapture('programs/real_codex_0.98.0_newexec.log')).counts.denials).toBe(11);
  });

  it('of auditd give the same, RAW or ENRICHED', () => {
    const shape = (name: string): unknown[] =>
      decodeText(readCapture(`auditd/${name}`)).denials.map(({ landlock, file, source, destination }) => {
        const { blockers, object, target, unknown_fields } = landlock;
        return { blockers, object, name: target?.process.name, unknown_fields, path: file?.path, source, destination };
      });
    const raw = shape('log_format-raw-name_format-none.audit-log.txt');
    expect(raw).toHaveLength(20);
    expect(shape('log_format-enriched-name_format-none.audit-log.txt')).toEqual(raw);
  });
});

describe('output of ausearch', () => {
  it('is read backwards as it is printed, with the same ids as the log', () => {
    const log = decodeText(readCapture('auditd/log_format-raw-name_format-none.audit-log.txt'));
    const text = readCapture('auditd/log_format-raw-name_format-none.ausearch-m-1423.txt');
    const printed = decodeText(
      text
        .split('\n')
        .filter((line) => !line.startsWith('Valid'))
        .join('\n'),
    );
    expect(printed.counts).toMatchObject({ denials: 1, malformed: 0 });
    const ids = new Set(log.documents.map(({ event }) => event.id));
    for (const { event } of printed.documents) expect(ids).toContain(event.id);
    expect(printed.denials[0]?.process?.name).toBe('lab');
  });

  it('is refused where it was interpreted', () => {
    const { counts, documents } = decodeText(readCapture('auditd/log_format-raw-name_format-none.ausearch-i.txt'));
    expect(counts).toMatchObject({ malformed: 6, denials: 0 });
    expect(documents[0]).toMatchObject({ reason: expect.stringContaining('ausearch -i') });
  });
});

describe('what auditd 4.2.1 gives to plugins', () => {
  const pluginLines = (name: string): string =>
    readCapture(`auditd/${name}`)
      .split('\n')
      .filter((line) => !line.startsWith('[') && line !== '')
      .map((line) => line.replace(/\\n$/, '').replaceAll('\\x1d', '\x1d'))
      .join('\n');

  it('is malformed with the reason where it was cut', () => {
    const text = pluginLines('log_format-raw-name_format-none.af_unix-socket-dump.txt');
    const { counts, documents } = decodeText(text, { completesOn: 'eoe' });
    expect(counts).toMatchObject({ denials: 0, domains: 0, lost: 0 });
    expect(counts.malformed).toBe(documents.length);
    expect(documents.filter(({ kind }) => kind !== 'malformed')).toEqual([]);
    for (const document of documents) {
      expect(document).toMatchObject({ reason: expect.stringContaining('auditd 4.2.1') });
    }
  });

  it('is read where it was not', () => {
    const text = pluginLines('log_format-enriched-name_format-none.af_unix-socket-dump.txt');
    expect(decodeText(text, { completesOn: 'eoe' }).counts).toMatchObject({ denials: 20, malformed: 0, lost: 0 });
  });
});

describe('the fast parser', () => {
  it.each([...CLEAN, ...PROGRAMS, ...AUDITD, ...KERNELS])('reads each record of %s as the plain one does', (name) => {
    for (const line of readCapture(name).split('\n')) {
      const reference = referenceLine(line);
      const parsed = parseLine(line);
      if (reference === undefined) {
        expect(parsed).toBeNull();
        continue;
      }
      const { type, ...rest } = reference;
      expect(parsed).toEqual({ kind: 'record', type: recordTypeNumber(type), ...rest });
    }
  });

  it.each([...CLEAN, ...PROGRAMS, ...AUDITD, ...KERNELS])('reads each field of %s as the plain one does', (name) => {
    const text = readCapture(name);
    const bySerial = new Map<string, Map<string, string>[]>();
    for (const line of text.split('\n')) {
      const record = referenceLine(line);
      if (record === undefined) continue;
      const key = `${record.serial}`;
      const fields = new Map([['type', `${recordTypeNumber(record.type)}`], ...referenceFields(record.text)]);
      bySerial.set(key, [...(bySerial.get(key) ?? []), fields]);
    }
    const seen = new Map<number, number>();
    for (const denial of decodeText(text).denials) {
      const serial = denial.event.sequence;
      const records = bySerial.get(`${serial}`) ?? [];
      const nth = seen.get(serial) ?? 0;
      seen.set(serial, nth + 1);
      const access = records.filter((fields) => fields.get('type') === '1423')[nth];
      const call = records.find((fields) => fields.get('type') === '1300');
      expect([
        denial.landlock.domain.id,
        denial.landlock.blockers.join(),
        denial.landlock.unknown_fields,
        denial.file?.inode,
        denial.file?.device,
        denial.landlock.target?.process.name,
        denial.source?.port ?? denial.landlock.object.bound?.port,
      ]).toEqual([
        access?.get('domain'),
        access?.get('blockers'),
        undefined,
        access?.get('ino'),
        referenceText(access?.get('dev')),
        referenceText(access?.get('ocomm')),
        [access?.get('src') ?? access?.get('lport')].map((port) => (port === undefined ? port : Number(port)))[0],
      ]);
      const { process, syscall, user, group } = denial;
      const unset = (id: string | undefined): string | undefined => (id === '4294967295' ? undefined : id);
      const isSyscall = call !== undefined;
      expect([
        isSyscall ? `${process?.pid} ${process?.parent?.pid} ${syscall?.number} ${syscall?.exit}` : undefined,
        isSyscall ? process?.name : undefined,
        process?.executable,
        user?.audit?.id,
        isSyscall ? user?.id : undefined,
        isSyscall ? group?.id : undefined,
        isSyscall ? user?.effective?.id : undefined,
      ]).toEqual([
        isSyscall ? `${call.get('pid')} ${call.get('ppid')} ${call.get('syscall')} ${call.get('exit')}` : undefined,
        referenceText(call?.get('comm')),
        referenceText(call?.get('exe')),
        unset(call?.get('auid')),
        call?.get('uid'),
        call?.get('gid'),
        call?.get('euid'),
      ]);
    }
  });
});

describe('golden files', () => {
  it.each([
    'scenarios/net.log',
    'scenarios/scope.log',
    'scenarios/ptrace.log',
    'scenarios/paths.log',
    'scenarios/two_records.log',
    'scenarios/with_rules.log',
    'scenarios/never_task.log',
    'scenarios/kmsg_siblings.log',
    'kernels/7.3.4-interleave-uring-names.log',
    'auditd/log_format-enriched-name_format-none.audit-log.txt',
  ])('show what %s decodes to', async (name) => {
    const json = decodeText(readCapture(name)).documents.map((doc) => `${documentToJson(doc)}\n`);
    await expect(json.join('')).toMatchFileSnapshot(`../fixtures/golden/${name.replace(/.*\//, '')}.ndjson`);
  });
});
