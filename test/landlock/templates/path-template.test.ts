import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MARK_MEANINGS, markOf, type TemplateRule } from '../../../src/landlock/templates/marks.ts';
import {
  nameTemplate,
  pathTemplate,
  socketTemplate,
  templateLengthMax,
} from '../../../src/landlock/templates/path-template.ts';

const GOLDEN = readFileSync(new URL('../../fixtures/path-templates.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t') as [string, string, string]);

/** Pieces that the rules look for, and what is left when they are joined in the wrong way. */
const PIECES = [
  ...[
    '/',
    '/',
    '/',
    '.',
    '-',
    '_',
    '<',
    '>',
    '*',
    '@',
    ' (deleted)',
    '\\x2d',
    'é',
    '😀',
    '\ud800',
    '\0',
    '\n',
    '0x',
    'T',
  ],
  ...['/home/', '/tmp/', '/proc/', '/proc/1/root/', '/sys/devices/', '/dev/', '/usr/lib/', '/nix/store/', '/run/user/'],
  ...[
    '/root/.mozilla/firefox/',
    '/root/snap/',
    '/var/lib/docker/overlay2/',
    'tmp',
    '.tmp',
    'cc',
    'php',
    '.so.',
    'python',
  ],
  ...[
    '1.2.3',
    '-rc1',
    '<hex>',
    '<n>',
    '<random>',
    'x86_64',
    'cpython-',
    '.default',
    'systemd-private-',
    '_1234',
    '.X1',
  ],
  ...['2024-01-31', '20240131', '120000', 'Z', '0000:00:1f.3', '1b2c3d4e', '1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901'],
];

const piece = fc.oneof(
  fc.constantFrom(...PIECES),
  fc.stringMatching(/^[0-9]{1,9}$/),
  fc.stringMatching(/^[0-9a-f]{1,12}$/),
  fc.stringMatching(/^[A-Za-z0-9_]{1,12}$/),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const anyPath = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(''));

describe('path templates', () => {
  it.each(GOLDEN)('makes of %s what the table says', (path, template, rules) => {
    expect(pathTemplate(path)).toEqual({ template, rules: rules === '' ? [] : rules.split(' ') });
  });

  it('has a table of real paths in which every rule is used', () => {
    expect(GOLDEN.length).toBeGreaterThanOrEqual(150);
    const used = new Set(GOLDEN.flatMap(([, , rules]) => rules.split(' ')));
    // `rest` is for texts that no file has.
    expect(Object.keys(MARK_MEANINGS).filter((rule) => !used.has(rule))).toEqual(['rest']);
  });

  it('are their own templates, with the same rules', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const { template, rules } = pathTemplate(path);
        expect(pathTemplate(template)).toEqual({ template, rules: rules.filter((rule) => rule !== 'deleted') });
      }),
      { numRuns: 5_000 },
    );
  });

  it('have one mark for each rule, in their order', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const { template, rules } = pathTemplate(path);
        let at = 0;
        for (const rule of rules.filter((other) => other !== 'deleted')) {
          at = template.indexOf(markOf(rule), at);
          expect(at).not.toBe(-1);
          at += markOf(rule).length;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('keep every component that is not replaced, and the number of components', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const { template, rules } = pathTemplate(path);
        if (rules.includes('deleted') || rules.includes('rest')) return;
        const [before, after] = [path.split('/'), template.split('/')];
        expect(after.length).toBe(before.length);
        for (const [index, name] of after.entries()) {
          if (name !== before[index]) expect(name).toMatch(/\*|<[a-z]+>/);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('are bounded, whatever comes', () => {
    const long = fc.array(piece, { minLength: 200, maxLength: 600, size: 'max' }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(long, (path) => {
        const { template, rules } = pathTemplate(path);
        expect(template.length).toBeLessThanOrEqual(templateLengthMax);
        expect(pathTemplate(template).template).toBe(template);
        expect(rules.length).toBeLessThanOrEqual(templateLengthMax);
      }),
      { numRuns: 300 },
    );
  });

  it('mark what was cut off', () => {
    const { template, rules } = pathTemplate(`/srv/${'abc/'.repeat(1_000)}end`);
    expect(template).toMatch(/^\/srv\/(abc\/)+<rest>$/);
    expect(rules).toEqual(['rest']);
    expect(pathTemplate('q'.repeat(5_000))).toEqual({ template: '<rest>', rules: ['rest'] });
  });
});

describe('paths that differ only in what varies', () => {
  const hex = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => /\d/.test(text) && /[a-f]/.test(text));
  const number = fc.nat({ max: 4_194_304 }).map(String);
  const letters = (length: number) => fc.stringMatching(new RegExp(`^[a-zA-Z0-9]{${length}}$`));
  const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(999)).map((parts) => parts.join('.'));
  const day = fc
    .date({ min: new Date('1970-01-02'), max: new Date('2090-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const forms: [string, fc.Arbitrary<string>][] = [
    ['/home/{}/.bashrc', fc.stringMatching(/^[a-z][a-z0-9_.-]{0,20}$/)],
    ['/run/user/{}/bus', number],
    ['/proc/{}/mem', number],
    ['/proc/self/fd/{}', number],
    ['/dev/pts/{}', number],
    ['/tmp/tmp.{}/x', letters(10)],
    ['/tmp/ssh-{}/x', letters(10)],
    ['/tmp/tmp{}', fc.stringMatching(/^[a-z0-9_]{8}$/)],
    ['/tmp/vscode-{}.sock', fc.uuid()],
    ['/srv/x/{}/y', fc.uuid()],
    ['/srv/x/{}', hex(40)],
    ['/srv/x/{}.bin', hex(64)],
    ['/srv/x/{}', fc.integer({ min: 1e10, max: 1e15 }).map(String)],
    ['/srv/x/backup-{}.tar', day],
    ['/usr/lib/libfoo.so.{}', version],
    ['/opt/foo-{}/bin/foo', version],
    ['/usr/bin/python{}', fc.tuple(fc.nat(9), fc.nat(99)).map((parts) => parts.join('.'))],
    ['/nix/store/{}-hello-2.12/bin/hello', fc.stringMatching(/^[0-9a-z]{32}$/)],
    ['/snap/firefox/{}/usr', number],
    ['/var/lib/docker/overlay2/{}/merged/etc/passwd', hex(64)],
  ];

  it.each(forms)('have one template: %s', (form, volatile) => {
    fc.assert(
      fc.property(volatile, volatile, (one, other) => {
        const [first, second] = [one, other].map((part) => pathTemplate(form.replace('{}', () => part)));
        expect(first).toEqual(second);
        expect(first?.rules.length).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    ['/etc/passwd', '/etc/shadow'],
    ['/home/alice/a', '/root/a'],
    ['/proc/1/mem', '/proc/1/maps'],
    ['/proc/self/mem', '/proc/1/mem'],
    ['/tmp/build', '/tmp/cache'],
    ['/home/alice/.var/app/org.mozilla.firefox/x', '/home/alice/.var/app/org.gnome.Maps/x'],
    ['/usr/bin/python3', '/usr/bin/python2'],
    ['/srv/0a1b2c3d4e', '/srv/1b2c3d4e-5f60-7182-93a4-b5c6d7e8f901'],
    ['/dev/sda', '/dev/sdb'],
    ['/usr/share/man/man1/ls.1', '/usr/share/man/man1/ls.8'],
  ])('differ from paths that are not the same: %s, %s', (one, other) => {
    expect(pathTemplate(one).template).not.toBe(pathTemplate(other).template);
  });
});

describe('the work for a template', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Characters looked at and copied. */
  function workOf(path: string): number {
    let work = 0;
    const { charCodeAt, charAt } = String.prototype;
    const sliced = (name: 'slice' | 'substring') => {
      const original = String.prototype[name];
      vi.spyOn(String.prototype, name).mockImplementation(function (this: string, start?: number, end?: number) {
        const result = original.call(this, start ?? 0, end);
        work += result.length + 1;
        return result;
      });
    };
    vi.spyOn(String.prototype, 'charCodeAt').mockImplementation(function (this: string, at: number) {
      work++;
      return charCodeAt.call(this, at);
    });
    vi.spyOn(String.prototype, 'charAt').mockImplementation(function (this: string, at: number) {
      work++;
      return charAt.call(this, at);
    });
    for (const name of ['startsWith', 'endsWith'] as const) {
      const original = String.prototype[name];
      vi.spyOn(String.prototype, name).mockImplementation(function (this: string, part: string, at?: number) {
        work += part.length;
        return original.call(this, part, at);
      });
    }
    sliced('slice');
    sliced('substring');
    pathTemplate(path);
    vi.restoreAllMocks();
    return work;
  }

  const SHAPES = [
    'a1',
    '_1',
    '1.',
    '1-',
    '/1.2',
    '/a/b',
    '/ab',
    '<',
    '<n',
    ' (deleted)',
    '0x',
    'a.1',
    '-1b2c3d4e',
    'aB',
    'é',
  ];
  const cases = ['', '/', '/tmp/', '/sys/devices/', '/usr/lib/', '/proc/1/root/'].flatMap((start) =>
    SHAPES.map((shape) => [start, shape] as const),
  );

  it.each(cases)('grows no faster than %s with %s, repeated', (start, shape) => {
    const perCharacterMax = 80;
    for (const length of [256, 1_024, 4_096, 16_384]) {
      const path = start + shape.repeat(length / shape.length);
      const work = workOf(path);
      expect(work).toBeGreaterThan(100);
      expect(work).toBeLessThan(perCharacterMax * path.length);
    }
  });
});

describe('names that are no paths', () => {
  it.each([
    ['@/tmp/.X11-unix/X0', '@/tmp/.X11-unix/X<n>', ['n']],
    ['@/tmp/dbus-aB3dEfGh', '@/tmp/dbus-<random>', ['random']],
    ['@/home/alice/x', '@/home/*/x', ['home']],
    ['@00a1f', '@<id>', ['id']],
    ['@user/bus', '@user/bus', []],
    ['@/run/user/1000/bus', '@/run/user/*/bus', ['user']],
  ])('takes the varying parts out of the abstract socket %s', (name, template, rules) => {
    expect(socketTemplate(name)).toEqual({ template, rules });
    expect(socketTemplate(template)).toEqual({ template, rules: template === '@<id>' ? ['id'] : rules });
  });

  it('takes process names as they are but for long numbers', () => {
    expect(nameTemplate('program-70').template).toBe('program-70');
    expect(nameTemplate('kworker/u8:3').template).toBe('kworker/u8:3');
    expect(nameTemplate('worker-12345')).toEqual({ template: 'worker-<digits>', rules: ['digits'] });
    expect(nameTemplate('\0\n<x>').template).toBe('\0\n<x>');
    const rest: TemplateRule[] = ['rest'];
    expect(nameTemplate('q'.repeat(5_000))).toEqual({ template: '<rest>', rules: rest });
  });
});
