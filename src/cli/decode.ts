// `trespass decode`: audit records in, one JSON document a line out, in file order. Needs no database.
import type { Place } from '../audit/record.ts';
import { hasMachineId, hostIdOf } from '../collector/host-identity.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { FORMAT_LIST, parseFormat } from '../collector/sources/input-format.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import { resolveInputs } from '../collector/sources/rotated-files.ts';
import type { Document, Malformed } from '../landlock/document.ts';
import { documentToJson } from '../landlock/document-json.ts';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { LineWriter } from './line-writer.ts';
import { Progress } from './progress.ts';

const POSITIONALS_MAX = 100_000;

export const decodeCommand: Command = {
  name: 'decode',
  summary: 'audit records in, one JSON document a line out',
  usage: `usage: trespass decode [options] [FILE…|-]

Reads audit records and prints what Landlock denied, one JSON document a line, in file order. Files may be raw or
enriched audit.log, output of ausearch or ausearch --raw, journalctl -o json or -o export, an auditd plugin's stream,
dmesg or syslog lines; compressed with gzip (or zstd, where Node.js can). Without FILE, or with -, reads standard
input. A directory stands for the audit.log set in it; rotated files are read oldest first.

  --format FORMAT  ${FORMAT_LIST}
                   (default auto: recognised from the content)
  --host NAME      who wrote the records that carry no node= (default: this host)
  --rotated        read the rotations that lie beside each FILE too
  --no-gaps        the input is a selection: missing serials are no loss
  --summary        print the counts as one JSON object on standard error
  --strict         stop with exit code 1 at the first malformed record`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('decode', argv, OPTIONS, POSITIONALS_MAX);
    const format = parseFormat(values.format ?? 'auto');
    const paths = await inputsOf(positionals, io, values.rotated === true);
    const local = readLocalHost(await idDirectory(io));
    const writer = new LineWriter(io.stdout);
    const isBarWanted = io.isStderrTty && !io.isStdoutTty;
    const progress = new Progress({ stream: io.stderr, isTty: isBarWanted, verb: 'decoding' });
    const startMs = performance.now();
    let here = (): Place => ({});
    try {
      const counts = await decodeInputs({
        paths,
        get stdin() {
          return io.stdin;
        },
        format,
        host: values.host,
        local,
        hostIdOf,
        serialGaps: values['no-gaps'] !== true,
        raw: false,
        json: writer,
        onInput: (file, lineNumber) => {
          here = () => ({ file, line: lineNumber() });
        },
        onDocument: (doc: Document) => {
          if (values.strict === true && doc.kind === 'malformed') throw strictError(doc, here);
          writer.write(documentToJson(doc));
        },
        room: () => writer.room(),
        onPause: () => writer.flush(),
        isStopped: () => writer.isClosed,
        onProgress: (bytes, totalBytes, events) => progress.update(bytes, totalBytes, events),
      });
      progress.end();
      if (values.summary === true) {
        const seconds = Math.round(performance.now() - startMs) / 1000;
        io.stderr.write(`${JSON.stringify({ ...counts, seconds })}\n`);
      }
    } finally {
      progress.end();
      // What was decoded before an error is never lost.
      await writer.end();
    }
    return EXIT.done;
  },
};

const OPTIONS = {
  format: { type: 'string' },
  host: { type: 'string' },
  rotated: { type: 'boolean' },
  'no-gaps': { type: 'boolean' },
  summary: { type: 'boolean' },
  strict: { type: 'boolean' },
} as const;

/** Where a collector keeps the id of a machine without a machine-id. For others the configuration need not be loaded. */
async function idDirectory(io: Io): Promise<string> {
  if (hasMachineId()) return '';
  const { loadCommandConfig } = await import('./config-options.ts');
  return loadCommandConfig({}, io, true).config.collector.spoolDirectory;
}

/** The files to read, in order. Throws usage errors, and OperatingError for a directory without a log. */
export async function inputsOf(positionals: readonly string[], io: Io, withRotations: boolean): Promise<string[]> {
  if (positionals.length === 0 && io.isStdinTty) {
    throw usageError('there is nothing to read', 'name a FILE, or give the records on standard input');
  }
  if (positionals.filter((path) => path === '-').length > 1) {
    throw usageError('standard input can only be read once', 'give - once');
  }
  return resolveInputs(positionals.length === 0 ? ['-'] : positionals, withRotations);
}

/** A record that only turned out to be malformed with its event ends just before the line that was read last. */
function strictError(doc: Malformed, here: () => Place): OperatingError {
  const place = doc.place === undefined ? `${placeText(here())} or just before` : placeText(doc.place);
  return new OperatingError('malformed-record', `${place}: ${doc.reason}`, 'leave out --strict to pass it over');
}

function placeText({ file = 'input', line, byte }: Place): string {
  if (line !== undefined) return `${file}:${line}`;
  return byte === undefined ? file : `${file}, byte ${byte}`;
}
