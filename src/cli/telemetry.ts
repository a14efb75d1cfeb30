// `trespass telemetry show`: what leaves this host, before anything does.
import { hostIdOf, readHostIdentity, withoutName } from '../collector/host-identity.ts';
import { readPackages } from '../collector/package-records.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import { peekSpool } from '../collector/spool-peek.ts';
import { encodeLine } from '../delivery/encode-batch.ts';
import type { AnyDocument } from '../landlock/document.ts';
import { reduceDocument } from '../landlock/privacy/reduce-document.ts';
import type { Config } from '../runtime/config.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { CONFIG_OPTIONS, CONFIG_USAGE, loadCommandConfig } from './config-options.ts';
import { inputsOf } from './decode.ts';
import { LineWriter } from './line-writer.ts';

const POSITIONALS_MAX = 100_000;
const LEVELS = ['full', 'reduced'] as const;

export const telemetryCommand: Command = {
  name: 'telemetry',
  summary: 'what leaves this host, before anything does',
  usage: `usage: trespass telemetry show [options] [FILE…|-]

Prints, byte for byte, the lines that a collector sends for the records in FILE at a level of privacy, after a line
with what its heartbeats say of this host. Without FILE, what waits in the spool. Nothing is sent, and nothing is
changed.

  --level LEVEL   full or reduced (default: collector.privacy)
${CONFIG_USAGE}`,
  async run(argv, io) {
    const options = { ...CONFIG_OPTIONS, level: { type: 'string' } } as const;
    const { values, positionals } = parseArguments('telemetry', argv, options, POSITIONALS_MAX);
    const [action, ...files] = positionals;
    if (action !== 'show') throw usageError('telemetry: say what to do', 'trespass telemetry show');
    const { config } = loadCommandConfig(values, io);
    const level = LEVELS.find((one) => one === (values.level ?? config.collector.privacy));
    if (level === undefined) throw usageError(`telemetry: unknown level "${values.level}"`, 'full or reduced');
    const writer = new LineWriter(io.stdout);
    try {
      if (files.length === 0) return await showSpool(config.collector.spoolDirectory, values.level, writer);
      return await showRecords(config, level, files, writer, io);
    } finally {
      await writer.end();
    }
  },
};

async function showSpool(directory: string, level: string | undefined, writer: LineWriter): Promise<ExitCode> {
  if (level !== undefined)
    throw usageError('telemetry: the spool is at the level it was written at', 'leave --level out');
  let lines = 0;
  try {
    for (const body of peekSpool(directory)) {
      for (const line of body.toString('utf8').split('\n')) {
        if (line === '') continue;
        writer.write(line);
        lines++;
      }
      await writer.room();
    }
  } catch (cause) {
    throw new OperatingError('spool-unreadable', `cannot read the spool in ${directory}`, 'try as root', {
      exitCode: EXIT.permission,
      cause,
    });
  }
  return lines === 0 ? EXIT.nothing : EXIT.done;
}

async function showRecords(
  config: Config,
  level: (typeof LEVELS)[number],
  files: readonly string[],
  writer: LineWriter,
  io: Io,
): Promise<ExitCode> {
  const { spoolDirectory } = config.collector;
  const isPackaged = level === 'reduced' ? (await readPackages()).isPackaged : undefined;
  const identity = readHostIdentity(spoolDirectory);
  const told = isPackaged === undefined ? identity : withoutName(identity);
  writer.write(toJsonLine({ kind: 'host', host: told }));
  let seq = 0;
  await decodeInputs({
    paths: await inputsOf(files, io, false),
    stdin: io.stdin,
    format: undefined,
    host: undefined,
    local: readLocalHost(spoolDirectory),
    hostIdOf,
    serialGaps: false,
    raw: isPackaged === undefined,
    onDocument: (doc: AnyDocument, raw?: string) => {
      const own = isPackaged === undefined ? doc : reduceDocument(doc, isPackaged);
      writer.write(encodeLine(++seq, own, isPackaged === undefined ? raw : undefined).trimEnd());
    },
    room: () => writer.room(),
    isStopped: () => io.signal.aborted,
  });
  return seq === 0 ? EXIT.nothing : EXIT.done;
}
