// `trespass telemetry show`: what leaves this host, before anything does.

import { readPackages } from '../collector/attribution/package-records.ts';
import { hostIdOf, readHostIdentity, withoutName } from '../collector/host-identity.ts';
import { toAggregate } from '../collector/sending/aggregate-buckets.ts';
import { peekAggregates, peekSettledSeq } from '../collector/sending/aggregate-store.ts';
import { toOutgoing } from '../collector/sending/outgoing.ts';
import { PulledConfig } from '../collector/sending/pulled-config.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import { SpoolLevels } from '../collector/spool/spool-levels.ts';
import { peekSpool } from '../collector/spool/spool-peek.ts';
import { encodeLine } from '../delivery/encode-batch.ts';
import type { AnyDocument } from '../landlock/document.ts';
import { AggregateTally } from '../landlock/privacy/aggregate.ts';
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
/** Another one each day. */
const SAMPLE_REPORTER = { id: '0123456789abcdef' };
const LEVELS = ['full', 'reduced', 'aggregate'] as const;

export const telemetryCommand: Command = {
  name: 'telemetry',
  summary: 'what leaves this host, before anything does',
  usage: `usage: trespass telemetry show [options] [FILE…|-]

Prints, byte for byte, the lines that a collector sends for the records in FILE at a level of privacy, after a line
with what its heartbeats say of this host. Without FILE, what waits in the spool, at the level that is in force, and
counts that wait for their time.
Nothing is sent, and nothing is changed.

  --level LEVEL   full, reduced or aggregate (default: collector.privacy)
${CONFIG_USAGE}`,
  async run(argv, io) {
    const options = { ...CONFIG_OPTIONS, level: { type: 'string' } } as const;
    const { values, positionals } = parseArguments('telemetry', argv, options, POSITIONALS_MAX);
    const [action, ...files] = positionals;
    if (action !== 'show') throw usageError('telemetry: say what to do', 'trespass telemetry show');
    const { config } = loadCommandConfig(values, io);
    const level = LEVELS.find((one) => one === (values.level ?? config.collector.privacy));
    if (level === undefined)
      throw usageError(`telemetry: unknown level "${values.level}"`, 'full, reduced or aggregate');
    const writer = new LineWriter(io.stdout);
    try {
      if (files.length === 0) return await showSpool(config, values.level, writer);
      return await showRecords(config, level, files, writer, io);
    } finally {
      await writer.end();
    }
  },
};

async function showSpool(config: Config, asked: string | undefined, writer: LineWriter): Promise<ExitCode> {
  if (asked !== undefined)
    throw usageError('telemetry: the spool leaves at the level that is in force', 'leave --level out');
  const { spoolDirectory: directory, privacy, pullConfig } = config.collector;
  const level = pullConfig ? new PulledConfig(directory, privacy).privacy : privacy;
  const { isPackaged } = level === 'full' ? { isPackaged: () => false } : await readPackages();
  let lines = 0;
  try {
    const rules = { level, isPackaged, levels: new SpoolLevels(directory), settledSeq: peekSettledSeq(directory) };
    for (const frame of peekSpool(directory)) {
      const { body } = toOutgoing(frame, rules);
      for (const line of body.toString('utf8').split('\n')) {
        if (line === '') continue;
        writer.write(line);
        lines++;
      }
      await writer.room();
    }
    for (const doc of peekAggregates(directory)) {
      writer.write(toJsonLine({ doc }));
      lines++;
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
  const isPackaged = level === 'full' ? undefined : (await readPackages()).isPackaged;
  const tally = level === 'aggregate' && isPackaged !== undefined ? new AggregateTally(isPackaged) : undefined;
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
      if (tally !== undefined) {
        tally.add(doc, Date.now());
        return;
      }
      const own = isPackaged === undefined ? doc : reduceDocument(doc, isPackaged);
      writer.write(encodeLine(++seq, own, isPackaged === undefined ? raw : undefined).trimEnd());
    },
    room: () => writer.room(),
    isStopped: () => io.signal.aborted,
  });
  for (const hour of tally?.hours ?? []) {
    for (const { what, count } of tally?.of(hour) ?? []) {
      const doc = toAggregate(what, count, hour, SAMPLE_REPORTER);
      writer.write(encodeLine(++seq, doc, undefined).trimEnd());
    }
  }
  return seq === 0 ? EXIT.nothing : EXIT.done;
}
