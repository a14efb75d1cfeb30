// `trespass explain`: what Landlock denied, in plain words: in some records, for which no database is needed, or in what
// is stored.
import { hostIdOf } from '../collector/host-identity.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { FORMAT_LIST, parseFormat } from '../collector/sources/input-format.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import { EXIT, type ExitCode } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { inputsOf } from './decode.ts';
import { type Explained, explainStored, type StoredId, storedIdsOf } from './explain-stored.ts';
import { linesOfAnswer, linesOfDomain, linesOfIssue } from './explanation-text.ts';
import { IssueTally, issuesMax } from './issue-tally.ts';
import { LineWriter } from './line-writer.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import { hasStyle } from './table.ts';

const POSITIONALS_MAX = 100_000;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  format: { type: 'string' },
  host: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const explainCommand: Command = {
  name: 'explain',
  summary: 'what was denied, in plain words: an id, or some records',
  usage: `usage: trespass explain [options] ID…
       trespass explain [options] [FILE…|-]

Says in plain words who was refused what by whose sandbox, what that right is, what the likely causes are (the surest
first) and what the records do not say.

ID is an event id or an issue (26 letters and digits), or a domain (its hexadecimal number, or HOST/BOOT/NUMBER) of the
running server or of a database; its neighbours are told too: since when, on which other hosts, and what else the same
process was refused around it. Where a file of that name exists, it is read instead: --db and --url mean ids always.

FILE holds audit records, read as decode does; each issue (denials of one program for the same thing) is explained by
its first denial, the most frequent issue first. Without FILE, or with -, reads standard input.

  --json           one JSON document for each that is explained
  --format FORMAT  ${FORMAT_LIST}
                   (default auto: recognised from the content)
  --host NAME      of records: who wrote those that carry no node= (default: this host); of domains: only there
${SOURCE_USAGE}

Exit code 3: nothing matched.`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('explain', argv, OPTIONS, POSITIONALS_MAX);
    const isAsked = values.db !== undefined || values.url !== undefined;
    const ids = storedIdsOf(positionals, isAsked, io);
    return ids === undefined ? await explainRecords(values, positionals, io) : await explainIds(values, ids, io);
  },
};

interface Values {
  readonly format?: string | undefined;
  readonly host?: string | undefined;
  readonly json?: boolean | undefined;
}

async function explainIds(
  values: Values & Parameters<typeof openQuerySource>[0],
  ids: readonly StoredId[],
  io: Io,
): Promise<ExitCode> {
  const source = await openQuerySource(values, io, () => loadCommandConfig(values, io));
  const writer = new LineWriter(io.stdout);
  let missing = 0;
  try {
    for (const id of ids) {
      const explained = await explainStored(source, id, values.host);
      if (explained.length === 0) {
        missing++;
        io.stderr.write(`nothing is stored of ${id.kind === 'domain' ? `domain ${id.key.id}` : id.id}\n`);
      }
      for (const one of explained) {
        const lines = values.json === true ? [toJsonLine(one.answer)] : linesOfStored(one, hasStyle(io));
        await writeLines(writer, lines);
      }
    }
  } finally {
    source.close();
    await writer.end();
  }
  return missing === 0 ? EXIT.done : EXIT.nothing;
}

function linesOfStored(one: Explained, isStyled: boolean): Iterable<string> {
  return one.kind === 'denial' ? linesOfAnswer(one.answer, isStyled) : linesOfDomain(one.answer, isStyled);
}

async function writeLines(writer: LineWriter, lines: Iterable<string>): Promise<void> {
  for (const line of lines) writer.write(line);
  await writer.room();
}

async function explainRecords(values: Values, positionals: readonly string[], io: Io): Promise<ExitCode> {
  const format = parseFormat(values.format ?? 'auto');
  const { config } = loadCommandConfig({}, io, true);
  const paths = await inputsOf(positionals, io, false);
  const tally = new IssueTally();
  const { malformed } = await decodeInputs({
    paths,
    get stdin() {
      return io.stdin;
    },
    format,
    host: values.host,
    local: readLocalHost(config.collector.spoolDirectory),
    hostIdOf,
    serialGaps: false,
    raw: false,
    onDocument: (document) => tally.add(document),
    room: () => undefined,
    isStopped: () => io.signal.aborted,
  });
  const issues = tally.explained();
  const writer = new LineWriter(io.stdout);
  try {
    for (const issue of issues) {
      await writeLines(writer, values.json === true ? [toJsonLine(issue)] : linesOfIssue(issue, hasStyle(io)));
      if (writer.isClosed) break;
    }
  } finally {
    await writer.end();
  }
  if (tally.beyond > 0) io.stderr.write(`${tally.beyond} denials of more than ${issuesMax} issues are not explained\n`);
  if (malformed > 0) io.stderr.write(`malformed records: ${malformed}; see trespass decode\n`);
  if (issues.length > 0) return EXIT.done;
  io.stderr.write('no denials matched\n');
  return EXIT.nothing;
}
