// `trespass explain`: what Landlock denied in some records, in plain words. Needs no database.
import { hostIdOf } from '../collector/host-identity.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { FORMAT_LIST, parseFormat } from '../collector/sources/input-format.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { escapeTerminal, toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { inputsOf } from './decode.ts';
import { type ExplainedIssue, IssueTally, issuesMax } from './issue-tally.ts';
import { LineWriter } from './line-writer.ts';
import { hasStyle } from './table.ts';

const POSITIONALS_MAX = 100_000;

const OPTIONS = {
  format: { type: 'string' },
  host: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export const explainCommand: Command = {
  name: 'explain',
  summary: 'what was denied in some records, in plain words',
  usage: `usage: trespass explain [options] [FILE…|-]

Reads audit records as decode does, and explains each issue (denials of one program for the same thing) by its first
denial, the most frequent issue first: who was refused what by whose sandbox, what that right is, likely causes, and what
the records do not say. Without FILE, or with -, reads standard input.

  --json           one JSON document an issue
  --format FORMAT  ${FORMAT_LIST}
                   (default auto: recognised from the content)
  --host NAME      who wrote the records that carry no node= (default: this host)`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('explain', argv, OPTIONS, POSITIONALS_MAX);
    const format = parseFormat(values.format ?? 'auto');
    const { config } = loadCommandConfig({}, io, true);
    const paths = await inputsOf(positionals, io, false);
    const tally = new IssueTally();
    const { malformed } = await decodeInputs({
      paths,
      stdin: io.stdin,
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
        if (values.json === true) writer.write(toJsonLine(issue));
        else for (const line of linesOf(issue, hasStyle(io))) writer.write(line);
        await writer.room();
        if (writer.isClosed) break;
      }
    } finally {
      await writer.end();
    }
    if (tally.beyond > 0)
      io.stderr.write(`${tally.beyond} denials of more than ${issuesMax} issues are not explained\n`);
    if (malformed > 0) io.stderr.write(`malformed records: ${malformed}; see trespass decode\n`);
    return issues.length === 0 ? EXIT.nothing : EXIT.done;
  },
};

function countText({ count, first, last }: ExplainedIssue['issue']): string {
  return count === 1 ? `once, ${first}` : `${count} times, ${first} to ${last}`;
}

function* linesOf({ issue, sentence, meaning, causes, unknown }: ExplainedIssue, isStyled: boolean): Generator<string> {
  const title = escapeTerminal(issue.title);
  yield `${isStyled ? `\u001b[1m${title}\u001b[0m` : title} (${countText(issue)})`;
  yield `  ${escapeTerminal(sentence)}`;
  yield '';
  for (const { blocker, text, since_abi: abi, traps } of meaning) {
    yield `  ${escapeTerminal(blocker)}${abi === undefined ? '' : ` (Landlock ABI ${abi})`}: ${text}`;
    for (const trap of traps) yield `    - ${trap}`;
  }
  yield '';
  for (const { if: condition, then, do: remedy, sure } of causes) {
    yield escapeTerminal(`  ${sure}: If ${condition}, then ${then}: ${remedy}.`);
  }
  yield '';
  yield '  Not known:';
  for (const what of unknown) yield escapeTerminal(`    - ${what}`);
  yield '';
}
