// Files and standard input to documents: read, tell hosts and boots apart, decode. What `decode` prints and `import`
// stores comes from here, in file order and constant memory.
import type { Readable } from 'node:stream';
import { Decoder } from '../../landlock/decoder.ts';
import type { Document } from '../../landlock/document.ts';
import type { LostByCause } from '../../landlock/loss-tally.ts';
import { DirectEvents, type DocumentSink } from '../../landlock/stencil/direct-events.ts';
import type { ByteSink } from '../../landlock/stencil/stencil-json.ts';
import type { InputFormat } from './input-format.ts';
import { readInputs } from './read-inputs.ts';
import { type LocalHost, SourceHosts, type SourceHostsOptions } from './source-hosts.ts';

export interface DecodeInputsOptions {
  /** In order; `-` is `stdin`. */
  readonly paths: readonly string[];
  /** Only asked for where it is read. */
  readonly stdin: Readable;
  /** Recognised from the content where absent. */
  readonly format: InputFormat | undefined;
  readonly host: string | undefined;
  readonly local: LocalHost;
  readonly hostIdOf: (machineId: string) => string;
  readonly knownBoot?: SourceHostsOptions['knownBoot'];
  /** False where the input is a selection, so that missing serials mean nothing (known of ausearch's output). */
  readonly serialGaps: boolean;
  /** Whether the records' text is wanted with the documents. */
  readonly raw: boolean;
  /** Called in file order; `raw` comes with the first document of an event. May throw to end the reading. */
  readonly onDocument: (doc: Document, raw: string | undefined) => void;
  /** Takes documents before they are made, in order with those of `onDocument`; see DocumentSink. */
  readonly takePlanned?: NonNullable<DocumentSink['takePlanned']>;
  /** Where documents may go as lines of JSON, in order with those of `onDocument`, which then has no raw text. */
  readonly json?: ByteSink;
  /** An input is about to be read; `here` tells how far it has been. */
  readonly onInput?: (name: string, here: () => number) => void;
  readonly room: () => Promise<void> | undefined;
  /** See ReadInputsOptions. */
  readonly onPause?: () => void;
  readonly isStopped: () => boolean;
  readonly onProgress?: (bytes: number, totalBytes: number | undefined, events: number) => void;
}

/** What came of it; the numbers of the summary. */
export interface DecodeCounts {
  readonly records: number;
  readonly events: number;
  readonly denials: number;
  readonly domains: number;
  readonly malformed: number;
  /** Records that are missing at least; causes that may see the same loss are not added. */
  readonly lost: number;
  /** Each cause that occurred, in its own unit (see GAP_CAUSES). */
  readonly lost_by_cause: LostByCause;
}

/** Resolves when everything has been given to `onDocument`. Throws OperatingError, and what `onDocument` throws. */
export async function decodeInputs(options: DecodeInputsOptions): Promise<DecodeCounts> {
  const { host, local, hostIdOf, knownBoot } = options;
  const hosts = new SourceHosts({ host, local, hostIdOf, knownBoot });
  const decoder = new Decoder({
    hostFor: (node) => hosts.hostFor(node),
    completesOn: 'proctitle',
    serialGaps: options.serialGaps,
    raw: options.raw,
    onDocument: options.onDocument,
    onBoot: (node, _timestampMs, cause) => {
      if (cause === 'serial-restart') hosts.restart(node);
    },
  });
  const { json, onDocument, takePlanned } = options;
  const documents = { onDocument, isRawWanted: options.raw, ...(takePlanned !== undefined && { takePlanned }) };
  const output = json === undefined ? documents : { json };
  const direct = new DirectEvents({ decoder, output, nodeOf: (record) => hosts.keyOf(record) });
  await readInputs({
    direct,
    paths: options.paths,
    get stdin() {
      return options.stdin;
    },
    format: options.format,
    hosts,
    sink: {
      record: (record) => decoder.pushParsed(record),
      malformed: (input) => decoder.pushParsed(input),
      notice: (line, node) => decoder.pushNotice(line, node),
      selection: () => decoder.ignoreSerialGaps(),
    },
    room: options.room,
    onPause: options.onPause,
    isStopped: options.isStopped,
    onInput: options.onInput,
    onProgress: ({ bytes, totalBytes }) => options.onProgress?.(bytes, totalBytes, decoder.counts.events),
  });
  decoder.end();
  const { records, events, denials, domains, malformed, lost } = decoder.counts;
  return { records, events, denials, domains, malformed, lost, lost_by_cause: decoder.lostByCause };
}
