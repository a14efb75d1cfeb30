// `trespass import`: audit records from files into a database, as a running server would have stored them.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { hostIdOf } from '../collector/host-identity.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { FORMAT_LIST, parseFormat } from '../collector/sources/input-format.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import type { Document } from '../landlock/document.ts';
import type { DocumentPlan, EventValues } from '../landlock/stencil/stencil-documents.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { closeDatabase, type Database, openDatabase } from '../store/database/open.ts';
import { knownBoot } from '../store/denials/known-boot.ts';
import { OwnWriter } from '../store/writing/own-writer.ts';
import { parseArguments } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { inputsOf } from './decode.ts';
import { Progress } from './progress.ts';

const POSITIONALS_MAX = 100_000;
/** A transaction is ended after so many documents, or this time. */
interface BatchMax {
  readonly documents: number;
  readonly ms: number;
}

/** Larger ones are faster, and keep other writers waiting for longer… */
const SHARED: BatchMax = { documents: 50_000, ms: 2_000 };
/** …where there are any: nobody else has to do with a database that this import has made. */
const OWN: BatchMax = { documents: 500_000, ms: 20_000 };

export const importCommand: Command = {
  name: 'import',
  summary: 'audit records from files into a database',
  usage: `usage: trespass import [options] [FILE…|-]

Reads the same inputs as decode and stores what they hold. What is stored already is not stored twice. It works beside a
running server. A database that it makes is its own for up to 20 seconds at a time: a server that is started on it
meanwhile ends after some seconds, and says that another process has locked it. The last line on standard output is a
JSON summary: records, events, denials, domains, malformed, lost (at least so many records), lost_by_cause (several
causes may have seen the same loss), duplicates, seconds.

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
    const isComplete = values.db !== undefined && values.config === undefined;
    const { config } = loadCommandConfig({ db: values.db, config: values.config }, io, isComplete);
    const paths = await inputsOf(positionals, io, values.rotated === true);
    const { path } = config.store;
    const batchMax = existsSync(path) ? SHARED : OWN;
    const db = openImportDatabase(path);
    try {
      await importInputs(db, io, {
        batchMax,
        paths,
        format,
        host: values.host,
        spoolDirectory: config.collector.spoolDirectory,
        serialGaps: values['no-gaps'] !== true,
        floodPerMinute: config.store.floodPerMinute ?? 0,
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
  readonly batchMax: BatchMax;
  readonly paths: readonly string[];
  readonly format: ReturnType<typeof parseFormat>;
  readonly host: string | undefined;
  readonly spoolDirectory: string;
  readonly serialGaps: boolean;
  readonly floodPerMinute: number;
}

async function importInputs(db: Database, io: Io, options: ImportOptions): Promise<void> {
  const startMs = performance.now();
  const batches = new Batches(db, options);
  const progress = new Progress({ stream: io.stderr, isTty: io.isStderrTty, verb: 'importing' });
  let counts: Awaited<ReturnType<typeof decodeInputs>>;
  try {
    counts = await decodeInputs({
      ...options,
      get stdin() {
        return io.stdin;
      },
      local: readLocalHost(options.spoolDirectory),
      hostIdOf,
      raw: true,
      knownBoot: (hostId, timestampMs, serial) => knownBoot(db, hostId, timestampMs, serial),
      onDocument: (doc, raw) => batches.add(doc, raw),
      takePlanned: (plan, event, document) => batches.addPlanned(plan, event, document),
      room: () => undefined,
      isStopped: () => false,
      onProgress: (bytes, totalBytes, events) => progress.update(bytes, totalBytes, events),
    });
  } finally {
    // What was read before an error is stored.
    batches.finish();
    progress.end();
  }
  const seconds = Math.round(performance.now() - startMs) / 1000;
  if (batches.rejected > 0) {
    io.stderr.write(`trespass: ${batches.rejected} documents were not stored: ${batches.rejectedReason}\n`);
  }
  io.stdout.write(`${JSON.stringify({ ...counts, duplicates: batches.duplicates, seconds })}\n`);
}

/** Documents in large transactions. */
class Batches {
  readonly #writer: OwnWriter;
  readonly #max: BatchMax;
  #nowMs = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Of a commit that the clock asked for; thrown to whoever comes next. */
  #error: unknown;

  constructor(db: Database, { floodPerMinute, batchMax }: Pick<ImportOptions, 'floodPerMinute' | 'batchMax'>) {
    this.#writer = new OwnWriter(db, { floodPerMinute });
    this.#max = batchMax;
  }

  get duplicates(): number {
    return this.#writer.duplicates;
  }

  get rejected(): number {
    return this.#writer.rejected;
  }

  get rejectedReason(): string {
    return this.#writer.rejectedReason;
  }

  add(doc: Document, raw: string | undefined): void {
    this.#begin();
    this.#writer.add(doc, raw, this.#nowMs);
    if (this.#writer.pending >= this.#max.documents) this.flush();
  }

  addPlanned(plan: DocumentPlan, event: EventValues, document: number): boolean {
    this.#begin();
    const isAdded = this.#writer.addPlanned(plan, event, { document, nowMs: this.#nowMs });
    if (this.#writer.pending >= this.#max.documents) this.flush();
    return isAdded;
  }

  #begin(): void {
    if (this.#timer === undefined) {
      this.#nowMs = Date.now();
      this.#timer = setTimeout(() => this.#commitLater(), this.#max.ms);
    }
    if (this.#error !== undefined) throw this.#error;
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#error !== undefined) throw this.#error;
    this.#writer.commit();
  }

  finish(): void {
    this.flush();
    this.#writer.finish();
  }

  #commitLater(): void {
    try {
      this.flush();
    } catch (error) {
      this.#error = error;
    }
  }
}

function openImportDatabase(path: string): Database {
  if (path !== ':memory:' && !existsSync(path)) mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  return openDatabase(path);
}
