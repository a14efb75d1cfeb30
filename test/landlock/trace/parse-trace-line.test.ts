import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unescapeText } from '../../../src/landlock/trace/escaped-text.ts';
import { parseTraceLine } from '../../../src/landlock/trace/parse-trace-line.ts';

const CAPTURE = new URL('../../fixtures/trace/linux-7.3.4.trace', import.meta.url).pathname;
const TAIL = '-188     [000] .....    31.906657: landlock_create_domain: domain=1af495f4d parent=0 ruleset=1af495f41.0';

/** As the kernel prints it: the name right-aligned in 16 columns. */
const line = (task: string, tail = TAIL) => `${task.padStart(16)}${tail}`;

describe('parseTraceLine', () => {
  it('reads every line of a captured trace', () => {
    const parsed = readFileSync(CAPTURE, 'latin1')
      .split('\n')
      .flatMap((text) => parseTraceLine(text) ?? []);
    expect(parsed).toHaveLength(24);
    expect(parsed.every((one) => one.kind === 'trace-event')).toBe(true);
  });

  it('gives the parts of an event', () => {
    expect(parseTraceLine(line('lab'))).toEqual({
      kind: 'trace-event',
      name: 'landlock_create_domain',
      seconds: 31,
      micros: 906_657,
      cpu: 0,
      task: { name: 'lab', threadId: 188 },
      fields: [
        { name: 'domain', value: '1af495f4d' },
        { name: 'parent', value: '0' },
        { name: 'ruleset', value: '1af495f41.0' },
      ],
    });
  });

  it('reads the process where the trace records it, and lines without flags', () => {
    const tail = '-190     (    188) [001] d..2.  1234.000001: landlock_free_domain: domain=a denials=0';
    expect(parseTraceLine(line('lab', tail))).toMatchObject({ task: { name: 'lab', threadId: 190, pid: 188 }, cpu: 1 });
    const unknown = '-190     (-------) [001]  1234.000001: landlock_free_domain: domain=a denials=0';
    expect(parseTraceLine(line('<...>', unknown))).toMatchObject({ task: { threadId: 190 }, seconds: 1234 });
  });

  it('is not taken in by what a program calls itself', () => {
    const names = [
      'a b',
      '-1',
      'x-1 [0] . 1.0:',
      '#',
      '[000] .....',
      ': landlock_a: ',
      '\u0001\u001b[2J',
      '$(x)\'"',
      'CPU:0 [LOST 1 ',
    ];
    for (const name of names) {
      expect(parseTraceLine(line(name)), name).toMatchObject({
        kind: 'trace-event',
        task: { name: name.replace(/^ +/, ''), threadId: 188 },
        fields: [{ value: '1af495f4d' }, { value: '0' }, { value: '1af495f41.0' }],
      });
    }
  });

  it('keeps the event of a task whose name breaks the line, and the rest of the name as a malformed line', () => {
    const [first = '', second = ''] = line('a\n#b').split('\n');
    expect(parseTraceLine(first)).toMatchObject({ kind: 'malformed' });
    expect(parseTraceLine(second)).toMatchObject({ kind: 'trace-event', task: { name: '#b', threadId: 188 } });
  });

  it('counts what was overwritten', () => {
    expect(parseTraceLine('CPU:3 [LOST 42 EVENTS]')).toEqual({ kind: 'trace-lost', cpu: 3, count: 42 });
    expect(parseTraceLine('CPU:3 [LOST EVENTS]')).toEqual({ kind: 'trace-lost', cpu: 3, count: 1 });
  });

  it('passes over comments and empty lines', () => {
    expect(parseTraceLine('')).toBeNull();
    expect(parseTraceLine('#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION')).toBeNull();
  });

  it('gives a value for any bytes, in any place', () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 80,
    });
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        for (const text of [before, `${before}${TAIL}${after}`, `${line('lab')} ${after}`]) {
          const parsed = parseTraceLine(text);
          expect(['trace-event', 'trace-lost', 'malformed', undefined]).toContain(parsed?.kind);
        }
      }),
    );
  });

  it('names the task and the thread that the kernel printed, whatever the name', () => {
    const name = fc
      .string({
        unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
        minLength: 1,
        maxLength: 15,
      })
      .filter((text) => !text.includes('\n') && !text.startsWith(' ') && text !== '<...>');
    fc.assert(
      fc.property(name, fc.nat(4_194_304), (task, thread) => {
        const parsed = parseTraceLine(line(task, TAIL.replace('-188', `-${thread}`)));
        expect(parsed).toMatchObject({ kind: 'trace-event', task: { name: task, threadId: thread } });
      }),
    );
  });

  it('takes long lines of dashes and blanks in its stride', () => {
    for (const text of ['-1 '.repeat(2700), `-1${' '.repeat(8000)}`, '-1 [0] '.repeat(1100), '('.repeat(8000)]) {
      expect(parseTraceLine(text)?.kind).toBe('malformed');
    }
  });
});

describe('unescapeText', () => {
  it('gives back the bytes of a name', () => {
    expect(unescapeText('/a\\040b\\075c\\\\d\\n\\e[2J\\303\\244')).toBe('/a b=c\\d\n\x1b[2J\xc3\xa4');
  });

  it('leaves alone what is no escape', () => {
    expect(unescapeText('/plain')).toBe('/plain');
    expect(unescapeText('\\9\\')).toBe('\\9\\');
  });
});
