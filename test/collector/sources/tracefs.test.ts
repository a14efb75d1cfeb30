import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceFolders } from '../../../src/collector/sources/trace-instance.ts';
import { TracefsSource } from '../../../src/collector/sources/tracefs.ts';
import type { TracedDocument } from '../../../src/landlock/trace/trace-interpreter.ts';

const HOST = { id: 'h', boot: { id: 'b' } };
const CAPTURE = new URL('../../fixtures/trace/linux-7.3.4.trace', import.meta.url).pathname;
const EVENTS = ['landlock_create_domain', 'landlock_deny_ptrace', 'landlock_free_domain', 'landlock_new_thing'];

let root: string;
let instance: string;
let writer: number | undefined;
let documents: TracedDocument[];
let sources: TracefsSource[];

/** What the kernel makes where somebody makes a directory in `instances`. */
function populate(path: string): void {
  mkdirSync(join(path, 'options'), { recursive: true });
  writeFileSync(join(path, 'trace_clock'), '[local] global mono');
  writeFileSync(join(path, 'buffer_size_kb'), '7 (expanded: 1408)');
  writeFileSync(join(path, 'options/record-tgid'), '0');
  addEvents(path, [...EVENTS, 'landlock_check_rule_fs']);
  execFileSync('mkfifo', [join(path, 'trace_pipe')]);
  // Kept open, as the kernel's is: a FIFO without a writer is at its end.
  writer = openSync(join(path, 'trace_pipe'), 'r+');
}

function addEvents(path: string, events: readonly string[]): void {
  for (const event of events) {
    mkdirSync(join(path, 'events/landlock', event), { recursive: true });
    writeFileSync(join(path, 'events/landlock', event, 'enable'), '0');
    writeFileSync(join(path, 'events/landlock', event, 'filter'), 'none');
  }
  writeFileSync(join(path, 'events/landlock/enable'), '0');
}

const folders: InstanceFolders = {
  make: (path) => {
    mkdirSync(path);
    populate(path);
  },
  remove: (path) => rmSync(path, { recursive: true }),
};

/** The kernel shows the clock that was chosen in brackets. */
const clockFolders: InstanceFolders = {
  ...folders,
  make: (path) => {
    folders.make(path);
    rmSync(join(path, 'trace_clock'));
    writeFileSync(join(path, 'trace_clock'), '           [mono]');
  },
};

function open(given: InstanceFolders = clockFolders, isWanted = true): TracefsSource {
  const source = new TracefsSource({
    host: HOST,
    root,
    folders: given,
    isWanted,
    readEveryMs: 5,
    onDocument: (doc) => documents.push(doc),
  });
  sources.push(source);
  return source;
}

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isDone(); i++) await sleep(5);
  expect(isDone()).toBe(true);
}

const say = (text: string) => writeSync(writer ?? -1, text, null, 'latin1');
const setting = (file: string) => readFileSync(join(instance, file), 'utf8');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trespass-tracefs-'));
  instance = join(root, 'instances/trespass');
  mkdirSync(join(root, 'instances'));
  addEvents(root, [...EVENTS, 'landlock_check_rule_fs']);
  documents = [];
  sources = [];
});
afterEach(() => {
  for (const source of sources) source.stop();
  if (writer !== undefined) closeSync(writer);
  writer = undefined;
  rmSync(root, { recursive: true });
});

describe('the tracepoint source', () => {
  it('uses an instance of its own, and enables every event but those of each access', () => {
    expect(open().start()).toEqual({ state: 'on', events: EVENTS, counts: { events: 0, lost: 0, malformed: 0 } });
    expect(setting('buffer_size_kb')).toMatch(/^512/);
    expect(setting('options/record-tgid')).toBe('1');
    for (const event of EVENTS) expect(setting(`events/landlock/${event}/enable`)).toBe('1');
    expect(setting('events/landlock/landlock_check_rule_fs/enable')).toBe('0');
    expect(readFileSync(join(root, 'events/landlock/enable'), 'utf8')).toBe('0');
  });

  it('asks the kernel only for the denials that audit does not log', () => {
    open().start();
    expect(setting('events/landlock/landlock_deny_ptrace/filter')).toBe('logged==0');
    expect(setting('events/landlock/landlock_free_domain/filter')).toBe('none');
  });

  it('turns what is recorded into documents, also where a line comes in two pieces', async () => {
    const source = open();
    source.start();
    const text = readFileSync(CAPTURE, 'latin1');
    const cut = text.indexOf('1af495f62 parent');
    say(text.slice(0, cut));
    await until(() => documents.length === 1);
    say(`${text.slice(cut)}CPU:0 [LOST 3 EVENTS]\nwhat is this\n`);
    await until(() => documents.length === 10);
    expect(documents.map(({ kind }) => kind)).toEqual([
      ...new Array(4).fill('domain-created'),
      ...new Array(4).fill('domain-deallocated'),
      'gap',
      'malformed',
    ]);
    expect(source.state).toMatchObject({ state: 'on', counts: { events: 24, lost: 3, malformed: 1 } });
  });

  it('puts events on the clock of the records', async () => {
    open().start();
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    const stamp = `${Math.floor(nowMs / 1000)}.${String(Math.floor((nowMs % 1000) * 1000)).padStart(6, '0')}`;
    say(`             lab-188     [000] .....  ${stamp}: landlock_free_domain: domain=a denials=0\n`);
    await until(() => documents.length === 1);
    expect(Math.abs(Date.parse(documents[0]?.['@timestamp'] ?? '') - Date.now())).toBeLessThan(2_000);
  });

  it('takes what is left at the end, and leaves nothing behind', () => {
    const source = open();
    source.start();
    say('             lab-188     [000] .....  1.000001: landlock_free_domain: domain=a denials=0\n');
    source.stop();
    expect(documents).toHaveLength(1);
    expect(existsSync(instance)).toBe(false);
    expect(source.state.state).toBe('off');
    source.stop();
  });

  it('takes away what a collector that was killed left behind', () => {
    clockFolders.make(instance);
    writeFileSync(join(instance, 'events/landlock/enable'), '1');
    writeFileSync(join(instance, 'left-over'), '');
    expect(open().start().state).toBe('on');
    expect(existsSync(join(instance, 'left-over'))).toBe(false);
  });

  it('touches nothing where it is not wanted, but for what was left behind, and says so', () => {
    const unwanted = open(clockFolders, false);
    const off = { state: 'off', reason: expect.stringContaining('collector.tracefs'), counts: expect.anything() };
    expect(unwanted.start()).toEqual(off);
    expect(existsSync(instance)).toBe(false);
    clockFolders.make(instance);
    expect(open(clockFolders, false).start()).toEqual(off);
    expect(existsSync(instance)).toBe(false);
    unwanted.stop();
    expect(unwanted.state).toEqual(off);
  });

  it('gives up a line that does not end, and goes on', async () => {
    const source = open();
    source.start();
    for (let i = 0; i < 3; i++) {
      say('x'.repeat(30_000));
      await sleep(20);
    }
    await until(() => documents.length === 1);
    expect(documents[0]).toMatchObject({ kind: 'malformed', reason: 'a trace line of more than 8192 bytes' });
    say('\n             lab-188     [000] .....  1.000001: landlock_free_domain: domain=a denials=0\n');
    await until(() => documents.some(({ kind }) => kind === 'domain-deallocated'));
  });
});

describe('where there are no tracepoints', () => {
  it.each(['events/landlock', '.'])('their absence is said: no %s', (folder) => {
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    const source = open();
    expect(source.start()).toMatchObject({
      state: 'absent',
      reason: expect.stringMatching(/^no tracepoints .*Linux 7\.3/),
    });
    source.stop();
    expect(source.state.state).toBe('absent');
  });

  it.each([
    ['EACCES', 'denied'],
    ['EROFS', 'denied'],
    ['EBUSY', 'failed'],
    ['ENOMEM', 'failed'],
  ])('a refusal is said: %s is %s', (code, state) => {
    const refusing: InstanceFolders = {
      ...clockFolders,
      make: () => {
        throw Object.assign(new Error(code), { code });
      },
    };
    expect(open(refusing).start()).toMatchObject({ state, reason: expect.any(String) });
    expect(existsSync(instance)).toBe(false);
  });

  it('another clock is not believed, and nothing is left behind', () => {
    expect(
      open({
        ...folders,
        make: (path) => {
          folders.make(path);
          rmSync(join(path, 'trace_clock'));
          mkdirSync(join(path, 'trace_clock'));
        },
      }).start().state,
    ).toBe('failed');
    expect(existsSync(instance)).toBe(false);
  });

  it('this very machine has them or says why not', () => {
    const source = new TracefsSource({ host: HOST, onDocument: () => {} });
    const { state, reason } = source.start();
    source.stop();
    expect(state === 'on' || (reason ?? '').length > 20).toBe(true);
  });
});
