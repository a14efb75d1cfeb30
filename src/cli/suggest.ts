// `trespass suggest`: the least rules that would have let denials pass, of what is stored or of some records.
import { hostIdOf } from '../collector/host-identity.ts';
import { decodeInputs } from '../collector/sources/decode-inputs.ts';
import { FORMAT_LIST, parseFormat } from '../collector/sources/input-format.ts';
import { readLocalHost } from '../collector/sources/local-host.ts';
import type { Denial, Document } from '../landlock/document.ts';
import { FORMAT_NAMES, render, type SuggestionFormat } from '../landlock/suggest/formats/formats.ts';
import { toWireSuggestion } from '../landlock/suggest/formats/json.ts';
import { suggest } from '../landlock/suggest/suggest.ts';
import { didYouMean } from '../runtime/closest-word.ts';
import { EXIT, type ExitCode } from '../runtime/operating-error.ts';
import { escapeTerminal } from '../runtime/terminal-text.ts';
import type { Scope } from '../store/answers.ts';
import { queryOf, SELECTED_MAX, type Selection } from '../store/denials/selected-denials.ts';
import type { SuggestAnswer, SuggestRequest } from '../store/explaining/suggestions.ts';
import { matchesFilter } from '../store/query/filter-match.ts';
import { type Filter, parseFilter } from '../store/query/filter-parse.ts';
import { parseArguments, parseTime, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { inputsOf } from './decode.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';

const POSITIONALS_MAX = 100_000;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  denial: { type: 'string' },
  issue: { type: 'string' },
  domain: { type: 'string' },
  program: { type: 'string' },
  query: { type: 'string' },
  host: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  format: { type: 'string' },
  'input-format': { type: 'string' },
  generalise: { type: 'boolean' },
  'include-guarded': { type: 'boolean' },
} as const;

const USAGE = `usage: trespass suggest [options] [--denial ID] [--issue ID] [--domain ID] [--program EXE] [--query Q]
       trespass suggest [options] FILE…|-

Prints the least Landlock rules that would have let the selected denials pass, what they give beyond what was seen, what
is not suggested and why, and what no rule can give. Of the latest ${SELECTED_MAX} denials of the running server or a
database, or of audit records. Rules are for the sandbox that refused; nothing is changed anywhere.

  --denial ID      one event
  --issue ID       all denials of an issue
  --domain ID      what one domain refused
  --program EXE    what this executable was refused; * stands for any text
  --query Q        what matches this query, as in trespass denials
  --host HOST      only on this host; of records: who wrote those that carry no node=
  --since TIME, --until TIME   only of this time: 15m, 24h, 7d, or 2026-03-01T10:00:00Z
  --format NAME    ${FORMAT_NAMES.slice(0, 6).join(', ')},
                   ${FORMAT_NAMES.slice(6).join(', ')} (default text)
  --generalise     the directory above what changes from run to run, and that of several files wanted alike
  --include-guarded  also rules that can give away more than it seems
  --input-format FORMAT  of FILE: ${FORMAT_LIST}
${SOURCE_USAGE}

Exit code 3: no denial was selected, or no rule can or should allow one of them.`;

export const suggestCommand: Command = {
  name: 'suggest',
  summary: 'the least rules that would have let denials pass',
  usage: USAGE,
  async run(argv, io) {
    const { values, positionals } = parseArguments('suggest', argv, OPTIONS, POSITIONALS_MAX);
    const { denial, issue, domain, program, query } = values;
    const selection: Selection = { denial, issue, domain: domain?.toLowerCase(), program, query };
    const nowMs = Date.now();
    const request: SuggestRequest = {
      selection,
      scope: {
        includeCanary: true,
        ...(values.host !== undefined && { host: values.host }),
        ...(values.since !== undefined && { fromMs: parseTime('since', values.since, nowMs) }),
        ...(values.until !== undefined && { toMs: parseTime('until', values.until, nowMs) }),
      },
      format: toFormat(values.format ?? 'text'),
      generalise: values.generalise === true,
      includeGuarded: values['include-guarded'] === true,
    };
    const answer =
      positionals.length > 0
        ? await fromRecords(request, positionals, values, io)
        : await fromSource(request, values, io);
    return report(answer, io);
  },
};

function toFormat(text: string): SuggestionFormat {
  const format = FORMAT_NAMES.find((name) => name === text);
  if (format !== undefined) return format;
  throw usageError(`--format "${text}" is none${didYouMean(text, FORMAT_NAMES)}`, `write ${FORMAT_NAMES.join(', ')}`);
}

async function fromSource(
  request: SuggestRequest,
  values: Parameters<typeof openQuerySource>[0],
  io: Io,
): Promise<SuggestAnswer> {
  if (Object.values(request.selection).every((value) => value === undefined)) {
    throw usageError(
      'nothing says which denials are meant',
      'select them by --issue, --domain, --program or --query, or name a FILE',
    );
  }
  const source = await openQuerySource(values, io, () => loadCommandConfig(values, io));
  try {
    return await source.suggest(request);
  } finally {
    source.close();
  }
}

/** The latest of what is stored and the first of what is read: files have no end that is known before. */
async function fromRecords(
  request: SuggestRequest,
  positionals: readonly string[],
  values: { readonly host?: string | undefined; readonly 'input-format'?: string | undefined; readonly db?: unknown },
  io: Io,
): Promise<SuggestAnswer> {
  if (values.db !== undefined) throw usageError('--db and FILE exclude each other', 'give one of them');
  const { config } = loadCommandConfig({}, io, true);
  const isSelected = selectorOf(request);
  const denials: Denial[] = [];
  let beyond = 0;
  const { malformed } = await decodeInputs({
    paths: await inputsOf(positionals, io, false),
    stdin: io.stdin,
    format: parseFormat(values['input-format'] ?? 'auto'),
    host: values.host,
    local: readLocalHost(config.collector.spoolDirectory),
    hostIdOf,
    serialGaps: false,
    raw: false,
    onDocument: (document) => {
      if (document.kind !== 'denial' || !isSelected(document)) return;
      if (denials.length < SELECTED_MAX) denials.push(document);
      else beyond++;
    },
    room: () => undefined,
    isStopped: () => io.signal.aborted,
  });
  if (malformed > 0) io.stderr.write(`malformed records: ${malformed}; see trespass decode\n`);
  const suggestion = suggest(denials, request);
  const { format } = request;
  return {
    suggestion: toWireSuggestion(suggestion),
    format,
    ...render(suggestion, format),
    is_cut: beyond > 0,
  };
}

function selectorOf({ selection, scope }: SuggestRequest): (denial: Document) => boolean {
  const filter = parsed(queryOf(selection));
  const context = { hostName: () => undefined, fleet: () => undefined };
  return (document) =>
    isWithin(document, scope) &&
    (selection.denial === undefined || document.event.id === selection.denial) &&
    (filter === undefined || matchesFilter(filter, document, context));
}

function isWithin(document: Document, { fromMs, toMs }: Scope): boolean {
  const ms = Date.parse(document['@timestamp'] ?? '');
  return (fromMs === undefined || ms >= fromMs) && (toMs === undefined || ms < toMs);
}

function parsed(query: string | undefined): Filter | undefined {
  if (query === undefined) return undefined;
  const filter = parseFilter(query);
  if (filter.kind !== 'mistake') return filter;
  throw usageError(`${filter.message} (at character ${filter.position + 1})`, filter.hint);
}

function report({ text, cannot, suggestion, format, is_cut }: SuggestAnswer, io: Io): ExitCode {
  const { selected } = suggestion.counts;
  if (is_cut) io.stderr.write(`only ${selected} of the denials were looked at; select fewer\n`);
  if (selected === 0) {
    io.stderr.write('no denials matched\n');
    return EXIT.nothing;
  }
  io.stdout.write(text);
  for (const what of cannot) io.stderr.write(`${format}: ${escapeTerminal(what)}\n`);
  return suggestion.rules.length === 0 ? EXIT.nothing : EXIT.done;
}
