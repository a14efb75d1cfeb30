// What `denials`, `domains`, `hosts` and `fleets` have in common: options, pages, table or lines, and following.
// A command adds its columns and how a row is known again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ParseArgsConfig } from 'node:util';
import { EXIT, type ExitCode } from '../runtime/operating-error.ts';
import { packageVersion } from '../runtime/package-version.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import type { Scope } from '../store/answers.ts';
import { parseArguments, parseCount, parseTime, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import { type Filter, PAGE_ROWS_MAX, type QuerySource, type ResourceName, type Resources } from './query-source.ts';
import { type Column, formatTable } from './table.ts';

/** A table longer than this helps nobody; NDJSON has no such bound. */
const TABLE_ROWS_DEFAULT = 100;
const POLL_MS = 500;
/** Rows that `--follow` remembers in order to show only what is new or changed. */
const SEEN_ROWS_MAX = 20_000;
/** Rows before the first new one that `--follow` shows. */
const FOLLOW_ROWS_DEFAULT = 10;

export interface ListSpec<Name extends ResourceName> {
  readonly name: Name;
  readonly summary: string;
  /** What the command lists, for its help. */
  readonly explanation: string;
  readonly columns: readonly Column<Resources[Name]>[];
  /** Two rows with the same key are the same thing. */
  key(row: Resources[Name]): string;
  /** Where the list itself takes no scope: whether a row is within it. */
  readonly isWithin?: (row: Resources[Name], scope: Scope) => boolean;
  /** Options of lists that mean nothing for this one: refused, so that nobody takes its answer for a narrower one. */
  readonly refuses?: readonly RefusedOption[];
  readonly filters?: ListFilters;
  /** Beside --json, by the names that --format takes. */
  readonly formats?: Readonly<Record<string, RowFormat<Resources[Name]>>>;
}

/** Rows as text for other programs. */
export interface RowFormat<Row> {
  /** Goes before the first row. */
  readonly head: string;
  /** One row with the end of its line. `version` is that of Trespass. */
  toText(row: Row, version: string): string;
}

const JSON_FORMAT: RowFormat<unknown> = { head: '', toText: (row) => `${toJsonLine(row)}\n` };

export type RefusedOption = 'query' | 'host' | 'fleet' | 'canary';

/** What to do instead. */
const INSTEAD: Readonly<Record<RefusedOption, string>> = {
  query: 'ask denials, issues or domains with --query, or use --fleet, --since and --until here',
  host: 'ask `trespass hosts --host`',
  fleet: 'leave it out: what is listed belongs to no fleet',
  canary: 'leave it out: what Trespass provokes itself is not counted here; ask `trespass denials --canary`',
};

/** What one list can be narrowed by and others cannot. */
export interface ListFilters {
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Lines of the help. */
  readonly usage: string;
  /** Throws `usage` errors. */
  toFilter(values: Readonly<Record<string, unknown>>): Filter;
}

const LIST_OPTIONS = {
  ...SOURCE_OPTIONS,
  json: { type: 'boolean' },
  format: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  query: { type: 'string' },
  host: { type: 'string' },
  fleet: { type: 'string' },
  limit: { type: 'string' },
  follow: { type: 'boolean', short: 'f' },
  canary: { type: 'boolean' },
} as const;

interface Listing<Name extends ResourceName> {
  readonly spec: ListSpec<Name>;
  readonly source: QuerySource;
  readonly scope: Scope;
  readonly filter: Filter;
  readonly limit: number;
  /** Absent: a table. */
  readonly format: RowFormat<Resources[Name]> | undefined;
  readonly io: Io;
}

/** Makes the command of a list. */
export function listCommand<Name extends ResourceName>(spec: ListSpec<Name>): Command {
  const formatUsage = `  --format NAME   for other programs: ${Object.keys(spec.formats ?? {}).join(', ')}\n`;
  const takes = (option: RefusedOption, usage: string) => (spec.refuses?.includes(option) ? '' : usage);
  const queryUsage = `  --query QUERY   for example 'blocker:fs.* and not program:"/usr/bin/make" and path:"/etc/*"'\n`;
  return {
    name: spec.name,
    summary: spec.summary,
    usage: `usage: trespass ${spec.name} [options]

${spec.explanation}

  --since TIME    not before: 15m, 24h, 7d, or 2026-03-01T10:00:00Z
  --until TIME    before
${takes('query', queryUsage)}${spec.filters?.usage ?? ''}${takes('host', '  --host HOST     of this host (name or id)\n')}${takes('fleet', '  --fleet NAME    of this fleet\n')}  --limit N       at most so many (default: ${TABLE_ROWS_DEFAULT} in a table, no limit with --json${spec.formats ? ' or --format' : ''})
  --json          one JSON document a line
${spec.formats ? formatUsage : ''}  --follow, -f    go on with what is new until Ctrl-C
${takes('canary', '  --canary        also what Trespass provoked itself\n')}${SOURCE_USAGE}

Exit code 3: nothing matched.`,
    run: (argv, io) => runList(spec, argv, io),
  };
}

async function runList<Name extends ResourceName>(spec: ListSpec<Name>, argv: readonly string[], io: Io) {
  const { values } = parseArguments(spec.name, argv, { ...spec.filters?.options, ...LIST_OPTIONS });
  const filter = spec.filters?.toFilter(values) ?? {};
  for (const option of spec.refuses ?? []) {
    if (values[option] !== undefined) throw usageError(`${spec.name} takes no --${option}`, INSTEAD[option]);
  }
  const nowMs = Date.now();
  const format = toFormat(spec, values);
  const fromMs = values.since === undefined ? undefined : parseTime('since', values.since, nowMs);
  const toMs = values.until === undefined ? undefined : parseTime('until', values.until, nowMs);
  const scope: Scope = {
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
    ...(values.query !== undefined && { query: values.query }),
    ...(values.host !== undefined && { host: values.host }),
    ...(values.fleet !== undefined && { fleet: values.fleet }),
    ...(values.canary === true && { includeCanary: true }),
  };
  const limitDefault = values.follow ? FOLLOW_ROWS_DEFAULT : format ? Number.MAX_SAFE_INTEGER : TABLE_ROWS_DEFAULT;
  const limit = values.limit === undefined ? limitDefault : parseCount('limit', values.limit, values.follow ? 0 : 1);
  const source = await openQuerySource(values, io, () => loadCommandConfig(values, io));
  const listing = { spec, source, scope, filter, limit, format, io };
  try {
    return values.follow ? await follow(listing) : await list(listing);
  } finally {
    source.close();
  }
}

function toFormat<Name extends ResourceName>(
  { name, formats = {} }: ListSpec<Name>,
  { json, format }: { readonly json?: boolean | undefined; readonly format?: string | undefined },
): RowFormat<Resources[Name]> | undefined {
  if (format === undefined) return json === true ? JSON_FORMAT : undefined;
  if (json === true) throw usageError('--json and --format exclude each other', 'give one of them');
  const known = Object.keys(formats);
  const found = known.includes(format) ? formats[format] : undefined;
  if (found === undefined) {
    const mend = known.length === 0 ? 'use --json' : `write ${known.join(', ')}`;
    throw usageError(`${name}: --format "${format}" is none`, mend);
  }
  return found;
}

async function list<Name extends ResourceName>(listing: Listing<Name>): Promise<ExitCode> {
  const { io, format, limit, spec } = listing;
  let shown = 0;
  let isMore = false;
  const tableRows: Resources[Name][] = [];
  if (format !== undefined) await write(io, format.head);
  for await (const { rows, hasNext } of pages(listing, limit)) {
    shown += rows.length;
    isMore = hasNext;
    if (format !== undefined) {
      await write(io, toLines(format, rows));
    } else {
      tableRows.push(...rows);
    }
  }
  if (shown === 0) {
    io.stderr.write(`no ${spec.name} matched\n`);
    return EXIT.nothing;
  }
  if (format === undefined) {
    await write(io, formatTable(spec.columns, tableRows, io));
    if (isMore) {
      io.stderr.write(`there are more than these ${shown}: see --limit and --since\n`);
    }
  }
  return EXIT.done;
}

function toLines<Row>(format: RowFormat<Row>, rows: readonly Row[]): string {
  return rows.map((row) => format.toText(row, packageVersion)).join('');
}

async function* pages<Name extends ResourceName>({ source, spec, scope, filter }: Listing<Name>, limit: number) {
  let left = limit;
  let cursor: string | undefined;
  while (left > 0) {
    const page = await source.page(spec.name, {
      scope,
      filter,
      limit: Math.min(left, PAGE_ROWS_MAX),
      ...(cursor !== undefined && { cursor }),
    });
    const rows = spec.isWithin === undefined ? page.data : page.data.filter((row) => spec.isWithin?.(row, scope));
    left -= rows.length;
    yield { rows, hasNext: page.next_cursor !== null };
    if (page.next_cursor === null || page.data.length === 0) {
      return;
    }
    cursor = page.next_cursor;
  }
}

/** Waits for a slow reader instead of piling up the output. */
async function write(io: Io, text: string): Promise<void> {
  if (!io.stdout.write(text)) {
    await new Promise((resolve) => io.stdout.once('drain', resolve));
  }
}

async function follow<Name extends ResourceName>(listing: Listing<Name>): Promise<ExitCode> {
  const { io, source, spec, scope } = listing;
  const { signal } = io;
  await write(io, listing.format?.head ?? '');
  const seen = new SeenRows<Resources[Name]>(spec.key);
  const show = async (rows: readonly Resources[Name][]) => {
    const fresh = rows.filter((row) => seen.isNew(row));
    if (fresh.length > 0) {
      await write(io, formatRows(listing, fresh));
    }
  };
  const stream = spec.name === 'denials' ? await source.follow?.(scope, signal) : undefined;
  for await (const { rows } of pages(listing, PAGE_ROWS_MAX)) {
    for (const row of rows.slice(listing.limit)) {
      seen.isNew(row);
    }
    await show(rows.slice(0, listing.limit).toReversed());
    break;
  }
  if (stream !== undefined) {
    for await (const denial of stream) {
      await show([denial as Resources[Name]]);
    }
    return EXIT.done;
  }
  while (!signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    for await (const { rows, hasNext } of pages(listing, SEEN_ROWS_MAX)) {
      const isKnownReached = rows.some((row) => seen.has(row));
      await show(rows.toReversed());
      // Denials only come on top; other rows change anywhere.
      if ((isKnownReached && spec.name === 'denials') || !hasNext) {
        break;
      }
    }
  }
  return EXIT.done;
}

/** Rows while following: no header that repeats, columns at fixed places as far as the rows of one go allow. */
function formatRows<Name extends ResourceName>(
  { spec, format, io }: Listing<Name>,
  rows: readonly Resources[Name][],
): string {
  if (format !== undefined) {
    return toLines(format, rows);
  }
  const table = formatTable(spec.columns, rows, io);
  return table.slice(table.indexOf('\n') + 1);
}

/** Remembers the newest rows by key and content. */
class SeenRows<Row> {
  readonly #key: (row: Row) => string;
  readonly #contents = new Map<string, string>();

  constructor(key: (row: Row) => string) {
    this.#key = key;
  }

  has(row: Row): boolean {
    return this.#contents.has(this.#key(row));
  }

  /** Whether the row was never seen, or not like this; remembers it. */
  isNew(row: Row): boolean {
    const key = this.#key(row);
    const content = JSON.stringify(row);
    if (this.#contents.get(key) === content) {
      return false;
    }
    this.#contents.delete(key);
    this.#contents.set(key, content);
    if (this.#contents.size > SEEN_ROWS_MAX) {
      for (const oldest of this.#contents.keys()) {
        this.#contents.delete(oldest);
        break;
      }
    }
    return true;
  }
}
