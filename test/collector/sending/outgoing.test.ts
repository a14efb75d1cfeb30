// What waits in a spool when a host is told to tell less leaves at the new level, whatever it was written at.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AggregateStore } from '../../../src/collector/sending/aggregate-store.ts';
import { Deliverer } from '../../../src/collector/sending/deliver.ts';
import { Leaving } from '../../../src/collector/sending/leaving.ts';
import { SocketClient } from '../../../src/collector/sending/socket-client.ts';
import { Spool } from '../../../src/collector/spool/spool.ts';
import { SpoolLevels } from '../../../src/collector/spool/spool-levels.ts';
import { PRIVACY_LEVELS, type PrivacyLevel } from '../../../src/delivery/agent-config.ts';
import { denial, documentArbitrary, T0 } from '../../store/support/documents.ts';
import { FakeServer } from './fake-server.ts';

const SECRET = 'alice7391';
const SILENT = pino({ level: 'silent' });

let directory: string;
let level: PrivacyLevel;
let spool: Spool;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-outgoing-'));
  level = 'full';
  spool = Spool.open({ directory, bytesMax: 64 * 1024 * 1024 });
});
afterEach(() => {
  spool.close();
  rmSync(directory, { recursive: true });
});

const makeLeaving = () =>
  new Leaving({
    level: () => level,
    levels: new SpoolLevels(directory),
    isPackaged: (path) => path.startsWith('/usr/bin/') && !path.includes(SECRET),
    directory,
    emit: () => undefined,
  });

const secretDenial = (n: number) =>
  denial({ n, ms: T0 + n, path: `/home/${SECRET}/${n}`, program: `/home/${SECRET}/bin/x` });

function append(leaving: Leaving, ...numbers: readonly number[]): void {
  spool.append(numbers.flatMap((n) => leaving.leave(secretDenial(n), `raw of ${SECRET}`) ?? []));
}

function change(leaving: Leaving, next: PrivacyLevel): void {
  level = next;
  leaving.changeLevel(spool.nextSeq);
}

function deliver(leaving: Leaving): Deliverer {
  const deliverer = new Deliverer({
    spool,
    directory,
    transport: new SocketClient(join(directory, 'ingest.sock')),
    log: SILENT,
    leaving,
    onLost: () => expect.unreachable('nothing is lost'),
    pauses: { firstMs: 20, lastMs: 100, refusedMs: 40 },
  });
  deliverer.start();
  deliverer.notify();
  return deliverer;
}

/** Of denials, in whatever hour, as whoever comes next finds them. */
function counted(leaving: Leaving): number {
  leaving.stop();
  const { state } = new AggregateStore(directory);
  const counts = [...state.hours.flatMap(([, open]) => open), ...state.waiting.flatMap(({ docs }) => docs)];
  return counts.reduce((sum, { count }) => sum + count, 0);
}

describe('what waits in a spool when the level is tightened', () => {
  it('leaves reduced, and what was reduced before leaves as it was', async () => {
    const leaving = makeLeaving();
    level = 'reduced';
    leaving.changeLevel(spool.nextSeq);
    spool.append([leaving.leave(denial({ n: 0, program: '/usr/bin/python3.11' }), undefined)!]);
    change(leaving, 'full');
    append(leaving, 1, 2);
    change(leaving, 'reduced');
    append(leaving, 3);
    const server = await FakeServer.listen(join(directory, 'ingest.sock'));
    const deliverer = deliver(leaving);
    expect(await deliverer.drain(10_000)).toBe(true);
    expect(server.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(server.lines[0]?.doc).toMatchObject({ process: { executable: '/usr/bin/python<version>' } });
    expect(server.lines[1]?.doc).toMatchObject({ process: { executable: '<home>' }, file: { path: '<home>' } });
    expect(JSON.stringify(server.lines)).not.toContain(SECRET);
    await deliverer.stop();
    await server.close();
    leaving.stop();
  });

  it('becomes counts, once, also where the collector is killed on the way and begins again', async () => {
    const first = makeLeaving();
    append(first, 1, 2, 3);
    change(first, 'aggregate');
    append(first, 4);
    const server = await FakeServer.listen(join(directory, 'ingest.sock'));
    // It hears what is withheld, and dies before it knows.
    server.onHeader = ({ first_seq, last_seq }, response) => last_seq >= first_seq && response.destroy() !== undefined;
    const dying = deliver(first);
    expect(await dying.drain(200)).toBe(false);
    await dying.stop();
    server.onHeader = undefined;
    const second = makeLeaving();
    const deliverer = deliver(second);
    expect(await deliverer.drain(10_000)).toBe(true);
    expect(server.lines).toEqual([]);
    expect(counted(second)).toBe(4);
    await deliverer.stop();
    await server.close();
  });

  it('does not count what the server has already, although its answer was lost', async () => {
    const leaving = makeLeaving();
    append(leaving, 1, 2);
    const server = await FakeServer.listen(join(directory, 'ingest.sock'));
    server.misbehave = (response) => response.destroy() !== undefined;
    const cut = deliver(leaving);
    expect(await cut.drain(100)).toBe(false);
    await cut.stop();
    append(leaving, 3);
    change(leaving, 'aggregate');
    server.misbehave = undefined;
    server.hadSeq = 2;
    const deliverer = deliver(leaving);
    expect(await deliverer.drain(10_000)).toBe(true);
    expect(counted(leaving)).toBe(1);
    await deliverer.stop();
    await server.close();
  });

  it('stays withheld once it is counted, whatever the level is then', () => {
    const leaving = makeLeaving();
    append(leaving, 1);
    change(leaving, 'aggregate');
    const lines = spool.read({ lines: 10, bytes: 1_000_000 })!;
    expect(leaving.isSettled(lines)).toBe(false);
    leaving.settle(lines, 0);
    change(leaving, 'full');
    expect(leaving.outgoing(lines).body.toString()).toBe('{"seq":1,"withheld":true}\n');
    append(leaving, 2);
    const next = spool.read({ lines: 10, bytes: 1_000_000 })!;
    expect(leaving.outgoing(next)).toBe(next);
    leaving.stop();
  });

  it('counts as told in full where nobody noted it', () => {
    spool.append([{ doc: secretDenial(1) }]);
    const noted = new SpoolLevels(directory);
    noted.note(2, 'reduced');
    expect([noted.of(1), noted.of(2), new SpoolLevels(directory).of(3)]).toEqual(['full', 'reduced', 'reduced']);
    writeFileSync(join(directory, 'spool-levels.json'), '[{"seq":1,"level":"secret"}]');
    expect(new SpoolLevels(directory).of(3)).toBe('full');
  });

  it('tells nothing secret under a tighter level, in whatever order levels and documents came', () => {
    const step = fc.oneof(
      fc.record({ level: fc.constantFrom(...PRIVACY_LEVELS) }),
      fc.record({ docs: fc.array(documentArbitrary, { minLength: 1, maxLength: 3 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.constantFrom('reduced', 'aggregate'), (steps, last) => {
        level = 'full';
        const leaving = makeLeaving();
        leaving.changeLevel(spool.nextSeq);
        for (const one of steps) {
          if ('level' in one) change(leaving, one.level);
          else {
            const planted = one.docs.map((doc) => ({ ...doc, host: { ...doc.host, name: SECRET } }));
            const lines = planted.flatMap((doc) => leaving.leave(doc, SECRET) ?? []);
            spool.append(lines);
          }
        }
        change(leaving, last);
        for (
          let lines = spool.read({ lines: 5, bytes: 1e6 });
          lines !== undefined;
          lines = spool.read({ lines: 5, bytes: 1e6 })
        ) {
          if (!leaving.isSettled(lines)) leaving.settle(lines, 0);
          const sent = leaving
            .outgoing(lines)
            .body.toString()
            .trimEnd()
            .split('\n')
            .map((text) => JSON.parse(text));
          expect(JSON.stringify(sent)).not.toContain(SECRET);
          expect(sent.map(({ seq }) => seq)).toEqual(sent.map((_, at) => lines.firstSeq + at));
          expect(sent).toHaveLength(lines.lastSeq - lines.firstSeq + 1);
          if (last === 'aggregate') expect(sent.every(({ withheld }) => withheld === true)).toBe(true);
          spool.ack(lines.lastSeq);
        }
        leaving.stop();
      }),
      { numRuns: 100 },
    );
  });
});
