// `trespass import`: audit records from files into a database, as a running server would have stored them.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { hostIdOf } from '../collector/host-identity.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { FORMAT_LIST, parseFormat } from '../collector/sources/input-format.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import type { Document } from '../landlock/document.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { EventWriter } from '../store/event-writer.ts';
import { knownBoot } from '../store/known-boot.ts';
import { closeDatabase, type Database, openDatabase } from '../store/open.ts';
import { parseArguments } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { inputsOf } from './decode.ts';
import { Progress } from './progress.ts';

const POSITIONALS_MAX = 100_000;
/** Documents of one transaction. Larger ones are faster; this many take 0.1 s and some 40 MB. */
const BATCH_MAX = 10_000;

export const importCommand: Command = {
  name: 'import',
  summary: 'audit records from files into a database',
  usage: `usage: trespass import [options] [FILE…|-]

Reads the same inputs as decode and stores what they hold. What is stored already is not stored twice. The last line
on standard output is a JSON summary: records, events, denials, domains, malformed, lost, duplicates, seconds.

  --db PATH        the database; made if it does not exist (default: store.path of the configuration)
  --config FILE    where that configuration is
  --format FORMAT  ${FORMAT_LIST}
                   (default auto: recognised from the content)
  --host NAME      who wrote the records that carry no node= (default: this host)
  --rotated        read the rotations that lie beside each FILE too
  --no-gaps        the input is a selection: missing serials are no loss`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('import', argv, OPTIONS, POSITIONALS_MAX);
    const format = parseFormat(values.format ?? 'auto');
    const { config } = loadCommandConfig({ db: values.db, config: values.config }, io, values.db !== undefined);
    const paths = await inputsOf(positionals, io, values.rotated === true);
    const db = openImportDatabase(config.store.path);
    try {
      await importInputs(db, io, {
        paths,
        format,
        host: values.host,
        spoolDirectory: config.collector.spoolDirectory,
        serialGaps: values['no-gaps'] !== true,
      });
    } finally {
      closeDatabase(db);
    }
    return EXIT.done;
  },
};

const OPTIONS = {
  db: { type: 'string' },
  config: { type: 'string' },
  format: { type: 'string' },
  host: { type: 'string' },
  rotated: { type: 'boolean' },
  'no-gaps': { type: 'boolean' },
} as const;

interface ImportOptions {
  readonly paths: readonly string[];
  readonly format: ReturnType<typeof parseFormat>;
  readonly host: string | undefined;
  readonly spoolDirectory: string;
  readonly serialGaps: boolean;
}

async function importInputs(db: Database, io: Io, options: ImportOptions): Promise<void> {
  const startMs = performance.now();
  const batches = new Batches(db);
  const progress = new Progress({ stream: io.stderr, isTty: io.isStderrTty, verb: 'importing' });
  let counts: Awaited<ReturnType<typeof decodeInputs>>;
  try {
    counts = await decodeInputs({
      ...options,
      stdin: io.stdin,
      local: readLocalHost(options.spoolDirectory),
      hostIdOf,
      raw: true,
      knownBoot: (hostId, timestampMs, serial) => knownBoot(db, hostId, timestampMs, serial),
      onDocument: (doc, raw) => batches.add(doc, raw),
      room: () => undefined,
      isStopped: () => false,
      onProgress: (bytes, totalBytes, events) => progress.update(bytes, totalBytes, events),
    });
  } finally {
    // What was read before an error is stored.
    batches.flush();
    progress.end();
  }
  const seconds = Math.round(performance.now() - startMs) / 1000;
  if (batches.rejected > 0) {
    io.stderr.write(`trespass: ${batches.rejected} documents were not stored: ${batches.rejectedReason}\n`);
  }
  io.stdout.write(`${JSON.stringify({ ...counts, duplicates: batches.duplicates, seconds })}\n`);
}

/** Gathers documents into large transactions. */
class Batches {
  readonly #writer: EventWriter;
  #lines: { readonly doc: Document; readonly raw?: string }[] = [];
  duplicates = 0;
  rejected = 0;
  rejectedReason = '';

  constructor(db: Database) {
    this.#writer = new EventWriter(db);
  }

  add(doc: Document, raw: string | undefined): void {
    this.#lines.push(raw === undefined ? { doc } : { doc, raw });
    if (this.#lines.length >= BATCH_MAX) this.flush();
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    const result = this.#writer.write(lines, Date.now());
    this.duplicates += result.duplicates;
    this.rejected += result.rejected.length;
    this.rejectedReason ||= result.rejected[0]?.reason ?? '';
  }
}

function openImportDatabase(path: string): Database {
  if (path !== ':memory:' && !existsSync(path)) mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  return openDatabase(path);
}
