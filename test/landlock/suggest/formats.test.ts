import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Denial } from '../../../src/landlock/document.ts';
import { FORMAT_NAMES, render, type SuggestionFormat } from '../../../src/landlock/suggest/formats/formats.ts';
import { cString, goString, jsonString, rustBytes, shellWord } from '../../../src/landlock/suggest/formats/quote.ts';
import { RIGHTS } from '../../../src/landlock/suggest/rights.ts';
import { type SuggestOptions, suggest } from '../../../src/landlock/suggest/suggest.ts';
import { denialOf, onPath, renamed } from './denials.ts';
import { landlockconfigSchema } from './landlockconfig-schema.ts';

const everything: SuggestOptions = { includeGuarded: true };

function bytes(...codes: number[]): Pick<Denial, 'file'> {
  const raw = Buffer.concat([Buffer.from('/srv/x/'), Buffer.from(codes)]);
  return { file: { path: raw.toString('utf8'), path_raw: raw.toString('base64') } };
}

/** One of everything: each kind of rule, awkward names, what is withheld and what no rule can give. */
const SAMPLE: readonly Denial[] = [
  onPath('/srv/app/config.toml', ['fs.read_file']),
  onPath('/srv/app/state', ['fs.make_reg', 'fs.remove_file'], 2),
  onPath('/srv/app/it\'s "here" $(id) %n', ['fs.write_file', 'fs.truncate'], 3),
  onPath('/srv/app/a:b,c', ['fs.read_file'], 4),
  onPath('/srv/app/\u00fc $'.concat('{HOME}'), ['fs.read_file'], 5),
  onPath('/srv/app/line\nfeed*/', ['fs.read_dir'], 6),
  denialOf(['fs.execute', 'fs.read_file'], bytes(0xff, 0x5c, 0x27, 0x3f, 0x3f, 0x2f), 7),
  onPath('/dev/kvm', ['fs.ioctl_dev'], 8),
  onPath('/run/app/service.sock', ['fs.resolve_unix'], 9),
  ...renamed('/srv/in', '/srv/out', 'dir', 10),
  denialOf(['net.bind_tcp'], { source: { ip: '127.0.0.1', port: 8080 } }, 11),
  denialOf(['net.connect_tcp'], { destination: { ip: '10.0.0.1', port: 443 } }, 12),
  denialOf(['net.bind_udp'], {}, 13),
  denialOf(['net.connect_send_udp'], { destination: { ip: '10.0.0.1', port: 53 } }, 14),
  onPath('/etc/shadow', ['fs.read_file'], 15),
  denialOf(['scope.signal'], {}, 16),
  denialOf(['ptrace'], {}, 17),
];

const EXTENSIONS: Readonly<Record<SuggestionFormat, string>> = {
  text: 'txt',
  json: 'json',
  'landlockconfig-toml': 'toml',
  'landlockconfig-json': 'landlockconfig.json',
  rust: 'rs',
  go: 'go',
  c: 'c',
  sandboxer: 'sandboxer.sh',
  landrun: 'landrun.sh',
  setpriv: 'setpriv.sh',
  systemd: 'service',
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-formats-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(FORMAT_NAMES)('the format %s', (format) => {
  it('is what was written down', async () => {
    const { text } = render(suggest(SAMPLE, everything), format);
    const name = `../../fixtures/golden/suggestion.${EXTENSIONS[format]}`;
    await expect(text).toMatchFileSnapshot(name);
  });

  it('exists where there is nothing to suggest', () => {
    const { text } = render(suggest([denialOf(['ptrace'])]), format);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('holds no control character, whatever names there are', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
      fc.constantFrom('*/', '\\', '??/', '\u202e'),
    );
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const denials = names.map((one, n) => onPath(`/srv/x/${one}`, ['fs.read_file'], n));
        const { text, cannot } = render(suggest(denials, everything), format);
        expect(text.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
        expect(cannot.join('')).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      }),
      { numRuns: 30 },
    );
  });
});

it('says of each format what it cannot express', async () => {
  const all = FORMAT_NAMES.map((format) => [format, render(suggest(SAMPLE, everything), format).cannot] as const);
  const text = all.map(([format, cannot]) => [format, ...cannot.map((what) => `  - ${what}`)].join('\n')).join('\n');
  await expect(`${text}\n`).toMatchFileSnapshot('../../fixtures/golden/suggestion.cannot.txt');
});

/** Any bytes of a path but the zero byte. */
const anyBytes = fc
  .uint8Array({ min: 1, minLength: 1, maxLength: 24 })
  .map((part) => `/${Buffer.from(part).toString('latin1')}`);
const awkward = fc.constantFrom(
  ...["/a'b", '/a"b\\', '/$(id)`id`', '/??/', '/\xff\xfe', '/a\nb', '/*/', '/é'].map((text) => text),
);
const path = fc.oneof(anyBytes, awkward);

/** What the escapes `\ooo` and `\xhh` and `\"` of C, Rust and Go stand for. */
function bytesOf(literal: string): string {
  return literal
    .replace(/^b?"|"$/g, '')
    .replace(/\\(?:x([0-9a-f]{2})|([0-7]{3}))/g, (_, hex?: string, octal?: string) =>
      String.fromCharCode(hex === undefined ? Number.parseInt(octal ?? '', 8) : Number.parseInt(hex, 16)),
    );
}

describe('a path', () => {
  it('is the same bytes again for a shell, as one word', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 40, maxLength: 40 }), (paths) => {
        // Its own name keeps the words apart that a slip would make.
        const script = `printf '%s\\0' ${paths.map(shellWord).join(' ')}`;
        const { stdout, status } = spawnSync('bash', ['-c', script], {
          encoding: 'buffer',
          env: { LC_ALL: 'C.UTF-8' },
        });
        expect([status, stdout.toString('latin1').split('\0').slice(0, -1)]).toEqual([0, paths]);
      }),
      { numRuns: 20 },
    );
  });

  it('is the same bytes again in strings of C, Rust and Go, which are ASCII', () => {
    fc.assert(
      fc.property(path, (of) => {
        for (const literal of [cString(of), rustBytes(of), goString(of)]) {
          expect(literal).toMatch(/^b?"[\x20-\x7e]*"$/);
          expect(literal.slice(literal.indexOf('"') + 1, -1)).not.toMatch(/"|\\$/);
          expect(bytesOf(literal)).toBe(of);
        }
        expect(cString(of)).not.toContain('?');
      }),
    );
  });

  it('is the same text again in JSON and TOML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(JSON.parse(jsonString(text))).toBe(text);
        expect(parseToml(`a = ${jsonString(text)}`)).toEqual({ a: text });
      }),
    );
  });
});

describe('landlockconfig', () => {
  const validate = new Ajv({ strict: false }).compile(landlockconfigSchema);

  it('gets what its schema allows, in both of its languages the same', () => {
    const denials = fc.array(
      fc
        .tuple(path, fc.constantFrom(...RIGHTS.map(({ name }) => name)))
        .map(([of, right]) =>
          right.startsWith('net.')
            ? denialOf([right], { source: { port: 80 }, destination: { port: of.length } })
            : onPath(`/srv/${of}`, [right]),
        ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(denials, (all) => {
        const suggestion = suggest(all, everything);
        const json: Record<string, unknown> = JSON.parse(render(suggestion, 'landlockconfig-json').text);
        const isEmpty = Object.keys(json).length === 0;
        if (!isEmpty) expect([validate(json), validate.errors]).toEqual([true, null]);
        const toml = parseToml(render(suggestion, 'landlockconfig-toml').text);
        const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
        const renamedKeys: unknown = JSON.parse(JSON.stringify(toml), (_key, value: unknown) =>
          typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([key, member]) => [camel(key), member]))
            : value,
        );
        expect(renamedKeys).toEqual(json);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the C program', () => {
  it('compiles without a warning, alone, whatever bytes the paths hold', () => {
    const source = join(directory, 'allow.c');
    writeFileSync(source, render(suggest(SAMPLE, everything), 'c').text);
    for (const standard of ['c99', 'gnu17']) {
      const flags = ['-Wall', '-Wextra', '-Werror', '-pedantic', '-trigraphs', `-std=${standard}`];
      const { stderr, status } = spawnSync('gcc', [...flags, '-o', join(directory, 'allow'), source], {
        encoding: 'utf8',
      });
      expect([stderr, status]).toEqual(['', 0]);
    }
  });
});

describe('shell formats', () => {
  it.each(['sandboxer', 'landrun', 'setpriv'] as const)('%s is sound for a shell', (format) => {
    const { text } = render(suggest(SAMPLE, everything), format);
    const { stderr, status } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
  });

  it('gives sandboxer the paths in addition to those that it has', () => {
    const denials = [onPath("/srv/it's", ['fs.read_file']), onPath('/srv/b', ['fs.write_file'])];
    const { text } = render(suggest(denials), 'sandboxer');
    const script = `LL_FS_RO=/usr; ${text}\nprintf '%s\\n' "$LL_FS_RO" "$LL_FS_RW"`;
    expect(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout).toBe("/usr:/srv/it's\n/srv/b\n");
  });
});
