// The text of an export, page by page: a page is read when the connection has taken the one before, so that memory
// does not grow with what is exported. Once the first byte is out there is no way to answer an error; then the stream
// breaks off, which ends the connection without the end of the answer, and the log tells why.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import type { Denial } from '../../landlock/document.ts';
import type { Page, Scope } from '../../store/answers.ts';
import { withoutSensitive } from '../access/sensitive.ts';
import { ApiError } from '../errors.ts';
import type { Readers } from '../readers/readers.ts';
import type { ExportFormat } from './format.ts';

export interface ExportOptions {
  readonly readers: Readers;
  readonly scope: Scope;
  readonly format: ExportFormat;
  readonly version: string;
  readonly maySeeSensitive: boolean;
  /** Asked before each page: a right may end while an export goes on. */
  isAllowed(): boolean;
  /** Aborted when nobody reads any more. */
  readonly signal: AbortSignal;
  readonly log: FastifyBaseLogger;
  /** A connection that takes longer for one page loses its export; each takes one of a few places. */
  readonly stallMaxMs?: number;
}

/** Denials read at once: what an export takes of memory is in proportion to it. */
const PAGE_MAX = 250;
/** How often a page is asked for where the readers are too busy, and how long between. */
const PAGE_TRIES_MAX = 10;
const PAGE_RETRY_MS = 500;
const STALL_MAX_MS = 120_000;
/** Pages that wait for the connection to take them. */
const PAGES_WAITING_MAX = 1;

/** Resolves when the first page is there. Rejects with ApiError, while that can still be answered. */
export async function openExport(options: ExportOptions): Promise<Readable> {
  const first = await readPage(options, undefined);
  const stallMaxMs = options.stallMaxMs ?? STALL_MAX_MS;
  const stall = setTimeout(() => {
    stream.destroy(new ApiError('request-timeout', `a page of the export was not taken within ${stallMaxMs} ms`));
  }, stallMaxMs);
  const stream = Readable.from(exportPages(options, first, stall), { highWaterMark: PAGES_WAITING_MAX });
  stream.once('error', (error) => {
    if (!options.signal.aborted) {
      options.log.warn({ err: error }, 'an export broke off');
    }
  });
  stream.once('close', () => clearTimeout(stall));
  return stream;
}

async function* exportPages(options: ExportOptions, first: Page<Denial>, stall: NodeJS.Timeout) {
  yield options.format.head + pageText(options, first.data);
  let cursor = first.next_cursor;
  while (cursor !== null) {
    stall.refresh();
    const page = await readPatiently(options, cursor);
    yield pageText(options, page.data);
    cursor = page.next_cursor;
  }
}

function pageText({ format, version, maySeeSensitive }: ExportOptions, denials: readonly Denial[]): string {
  return denials.map((denial) => format.toText(maySeeSensitive ? denial : withoutSensitive(denial), version)).join('');
}

/** An export that is well under way should not end because others have many questions for a moment. */
async function readPatiently(options: ExportOptions, cursor: string): Promise<Page<Denial>> {
  for (let tries = 1; ; tries++) {
    try {
      return await readPage(options, cursor);
    } catch (error) {
      const isBusy = error instanceof ApiError && error.code === 'overloaded';
      if (!isBusy || options.signal.aborted || tries >= PAGE_TRIES_MAX) {
        throw error;
      }
      await sleep(PAGE_RETRY_MS, undefined, { signal: options.signal });
    }
  }
}

async function readPage({ readers, scope, signal, isAllowed }: ExportOptions, cursor: string | undefined) {
  if (!isAllowed()) {
    throw new ApiError('unauthenticated', 'The token or session has ended');
  }
  return await readers.ask('listDenials', { scope, limit: PAGE_MAX, cursor }, { signal });
}
