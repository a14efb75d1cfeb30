// `trespass demo --replay`: recorded denials through the path of live ones: decoder, delivery protocol, server. They
// belong to a host of their own and carry the tag `replay`, so that nobody takes them for something that happened.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BatchLine } from '../delivery/batch.ts';
import { Decoder } from '../landlock/decoder.ts';
import type { HostFields } from '../landlock/document.ts';
import type { Config } from '../runtime/config.ts';
import { EXIT, type ExitCode } from '../runtime/operating-error.ts';
import { openDatabase } from '../store/database/open.ts';
import { EventWriter } from '../store/writing/event-writer.ts';
import type { Io } from './command.ts';
import { type Delivered, postBatch } from './demo/post-batch.ts';
import { readRecordedLines } from './demo/recorded-lines.ts';

export interface ReplayOptions {
  readonly config: Config;
  readonly json: boolean;
  /** Write here instead of sending to the running server. */
  readonly db?: string;
}

type ReplayLine = Omit<BatchLine, 'seq'>;

/** Prints what it did and where to look. Throws OperatingError where there is no server, or no database. */
export async function replay(options: ReplayOptions, io: Io): Promise<ExitCode> {
  const nowMs = Date.now();
  const recorded = readRecordedLines(nowMs);
  const lines = decodeRecorded(recorded.lines, nowMs);
  const delivered =
    options.db === undefined
      ? await postBatch(join(options.config.runtime.directory, 'ingest.sock'), lines, io.signal)
      : writeBatch(options.db, lines, nowMs);
  if (options.json) {
    const { recordings, recordedAtMs, movedMs } = recorded;
    const recordedAt = new Date(recordedAtMs).toISOString();
    const facts = { kind: 'replayed', recordings, recorded_at: recordedAt, moved_ms: movedMs, ...delivered };
    io.stdout.write(`${JSON.stringify(facts)}\n`);
    return EXIT.done;
  }
  const denials = lines.filter(({ doc }) => doc.kind === 'denial').length;
  const recordedOn = new Date(recorded.recordedAtMs).toISOString().slice(0, 10);
  io.stdout.write(
    `Replayed ${denials} denials (${delivered.stored} documents) from ${recorded.recordings} recordings of ${recordedOn}, ` +
      `Linux 6.18.\nEvery time stamp is moved by ${formatDuration(recorded.movedMs)}, so that the last one is now. ` +
      'They are marked as a replay and belong to the host "replay".\n',
  );
  io.stdout.write(
    options.db === undefined
      ? `See them at http://${options.config.server.listen}/, or by: trespass denials --query host:replay\n`
      : `See them by: trespass denials --db ${options.db}\n`,
  );
  return EXIT.done;
}

/** The documents of the recordings, as of a host and a boot that no machine has. */
export function decodeRecorded(lines: readonly string[], nowMs: number): ReplayLine[] {
  const host: HostFields = {
    id: derivedId('host'),
    name: 'replay',
    // Each replay is a boot of its own, so that its domains do not mix with those of the one before.
    boot: { id: derivedId(`boot ${nowMs}`), derived: true },
  };
  const decoded: ReplayLine[] = [];
  const decoder = new Decoder({
    hostFor: () => host,
    tags: ['replay'],
    completesOn: 'eoe',
    // What lies between the recordings was never recorded: that is no loss.
    serialGaps: false,
    onDocument: (doc, raw) => decoded.push({ doc, ...(raw !== undefined && { raw }) }),
  });
  for (const line of lines) {
    decoder.pushLine(line);
  }
  decoder.end();
  return decoded;
}

function derivedId(what: string): string {
  return createHash('sha256').update(`trespass replay ${what}`).digest('hex').slice(0, 32);
}

function writeBatch(path: string, lines: readonly ReplayLine[], nowMs: number): Delivered {
  const db = openDatabase(path);
  try {
    const { stored, duplicates, rejected } = new EventWriter(db).write(lines, nowMs);
    return { stored, duplicates, rejected: rejected.length };
  } finally {
    db.close();
  }
}

/** `3 d 4 h`, `12 min`; negative where the recordings lie in the future of this machine's clock. */
function formatDuration(durationMs: number): string {
  const minutes = Math.round(Math.abs(durationMs) / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  const text = days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
  return durationMs < 0 ? `−${text}` : text;
}
