// `trespass why PROGRAM|PID|PATH|USER`: what Landlock refused to it or on it, on one screen; where nothing is stored, what
// could hide it.
import type { Finding } from '../collector/doctor/finding.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { escapeTerminal, fitText, toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments, parseTime, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { toFailure } from './error-line.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import type { QuerySource } from './query-source.ts';
import { hasStyle } from './table.ts';
import { askStored } from './why/ask-stored.ts';
import { lookAtLive } from './why/look-at-live.ts';
import { fitToScreen, sayAnswer } from './why/say-answer.ts';
import { readSubject, SUBJECT_KINDS, type Subject } from './why/subject.ts';
import type { WhyAnswer } from './why/why-answer.ts';

const OPTIONS = {
  ...SOURCE_OPTIONS,
  kind: { type: 'string' },
  since: { type: 'string' },
  host: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Of the smallest terminal; one row is for what is typed next. */
const COLUMNS = 80;
const ROWS = 23;

export const whyCommand: Command = {
  name: 'why',
  summary: 'what was refused to a program, process or user, or on a path',
  usage: `usage: trespass why [options] PROGRAM|PID|PATH|USER

Says on one screen what Landlock refused: to a program (a path or a name), a process (a number), a user (a name), or on a
path; whose sandbox it was, and what would change it. Where nothing is stored, it says so, and looks for what could hide it.
A name is taken for a user where there is an account of that name, else for a program.

  --kind KIND     take it for this: program, pid, path, user
  --since TIME    not before: 15m, 24h, 7d, or 2026-03-01T10:00:00Z
  --host HOST     of this host (name or id)
  --json          one JSON object
${SOURCE_USAGE}

Exit code 3: nothing is stored of it.`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('why', argv, OPTIONS, 1);
    const [text] = positionals;
    if (text === undefined || text === '') throw usageError('why: of what?', 'name a program, a PID, a path or a user');
    const kind = SUBJECT_KINDS.find((known) => known === values.kind);
    if (values.kind !== undefined && kind === undefined) {
      throw usageError(`why: --kind "${values.kind}" is none`, `write ${SUBJECT_KINDS.join(', ')}`);
    }
    const subject = readSubject(text, kind, io.cwd);
    const fromMs = values.since === undefined ? undefined : parseTime('since', values.since, Date.now());
    const scope = { ...(fromMs !== undefined && { fromMs }), ...(values.host !== undefined && { host: values.host }) };
    const live = lookAtLive(subject);
    const answer = await answerOf(
      subject,
      live,
      () => openQuerySource(values, io, () => loadCommandConfig(values, io)),
      scope,
    );
    const isFound = (answer.stored?.denials ?? 0) > 0;
    const whole = isFound ? answer : { ...answer, hidden_by: await whatHides(values, io) };
    io.stdout.write(values.json === true ? `${toJsonLine(whole)}\n` : toText(whole, io));
    return isFound ? EXIT.done : EXIT.nothing;
  },
};

async function answerOf(
  subject: Subject,
  live: readonly string[],
  open: () => Promise<QuerySource>,
  scope: { readonly fromMs?: number; readonly host?: string },
): Promise<WhyAnswer> {
  let source: QuerySource;
  try {
    source = await open();
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code !== 'nothing-to-read') throw error;
    return { subject, live, nothing_stored: failure.message };
  }
  try {
    return { subject, live, stored: await askStored(source, subject, scope) };
  } finally {
    source.close();
  }
}

/** Of this machine, without a test denial. */
async function whatHides(
  { config: file, 'runtime-dir': directory }: Parameters<typeof loadCommandConfig>[0],
  io: Io,
): Promise<readonly Finding[]> {
  const { examine } = await import('./doctor/examine.ts');
  const { config } = loadCommandConfig({ config: file, 'runtime-dir': directory }, io);
  const findings = await examine({
    config,
    isCanaryWanted: false,
    openStored: () => Promise.reject(new Error('asked already')),
  });
  return findings.filter(({ state }) => state === 'fail' || state === 'warn');
}

function toText(answer: WhyAnswer, io: Io): string {
  const isStyled = hasStyle(io);
  const columns = io.columns ?? COLUMNS;
  const said = sayAnswer(answer);
  const lines = (io.isStdoutTty ? fitToScreen(said, columns, ROWS) : said).map(({ text, isTitle, isCut }) => {
    const whole = escapeTerminal(text);
    const shown = isCut && io.isStdoutTty ? fitText(whole, columns) : whole;
    return isTitle && isStyled ? `\u001b[1m${shown}\u001b[0m` : shown;
  });
  return `${lines.join('\n')}\n`;
}
