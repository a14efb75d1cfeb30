// The answer of `trespass why` as the lines of one screen. Pure.
import { escapeTerminal, textWidth } from '../../runtime/terminal-text.ts';
import type { StoredAnswer } from './ask-stored.ts';
import type { Subject } from './subject.ts';
import type { WhyAnswer } from './why-answer.ts';

export interface Line {
  readonly text: string;
  readonly isTitle?: true;
  /** Of a list: where it is too long for a terminal, it is cut rather than broken. */
  readonly isCut?: true;
  /** Left out where the screen is too small, the greatest first; absent: never. */
  readonly spare?: number;
}

const CAUSES_SHOWN = 2;
const UNKNOWN_SHOWN = 2;
const HIDING_SHOWN = 6;

export function sayAnswer(answer: WhyAnswer): readonly Line[] {
  const { live, stored, subject } = answer;
  const lines: Line[] = [
    { text: `${whatOf(subject)}:`, isTitle: true },
    ...live.map((text, at) => ({ text: `  ${text}`, ...(at > 0 && { spare: 1 }) })),
  ];
  if (stored !== undefined && stored.denials > 0) lines.push(...foundLines(stored));
  else lines.push(...nothingLines(answer));
  if (stored?.unlogged !== undefined) {
    const { domains, denials } = stored.unlogged;
    lines.push({
      text: `  Sandboxes that it made (${domains}) had ${denials} denials that were not logged: trespass domains --unlogged`,
    });
  }
  return lines;
}

function whatOf({ kind, text }: Subject): string {
  switch (kind) {
    case 'pid':
      return `What Landlock refused to process ${text}`;
    case 'user':
      return `What Landlock refused to the user ${text}`;
    case 'program':
      return `What Landlock refused to the program ${text}`;
    case 'path':
      return `What Landlock refused on ${text}, or to the program of that path`;
  }
}

function* foundLines(stored: StoredAnswer): Generator<Line> {
  const { denials, is_more: isMore, newest_at: newest, oldest_at: oldest, issues, explanation } = stored;
  const many = isMore ? `more than ${denials} denials, ` : denials === 1 ? 'one denial, ' : `${denials} denials, `;
  const span = denials === 1 ? `at ${newest}` : `${oldest} to ${newest}`;
  yield { text: `  Stored: ${many}${span}, of these kinds (with all that was ever counted of each):` };
  for (const [at, { title, denials: count }] of issues.entries()) {
    yield { text: `  ${String(count).padStart(8)}  ${title}`, isCut: true, ...(at > 0 && { spare: 2 }) };
  }
  const more = stored.more_issues ? 'and more' : 'more of these';
  yield { text: `            ${more}: trespass issues --query ${shellQuoted(stored.query)}` };
  if (explanation === undefined) return;
  yield { text: '', spare: 3 };
  yield { text: 'The newest:', isTitle: true };
  yield { text: `  ${explanation.sentence}` };
  for (const [at, { if: condition, then, do: remedy, sure }] of explanation.causes.slice(0, CAUSES_SHOWN).entries()) {
    yield { text: `  ${sure}: If ${condition}, then ${then}: ${remedy}.`, ...(at > 0 && { spare: 4 }) };
  }
  for (const what of explanation.unknown.slice(0, UNKNOWN_SHOWN)) yield { text: `  not known: ${what}`, spare: 5 };
  if (stored.newest_id !== undefined) yield { text: `  all of it: trespass explain ${stored.newest_id}` };
}

/** Names of files may hold an apostrophe. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** As many of the lines as a screen has rows. `text` is what is shown of a line. */
export function fitToScreen(lines: readonly Line[], columns: number, rows: number): readonly Line[] {
  const rowsOf = ({ text, isCut }: Line) =>
    isCut === true ? 1 : Math.max(1, Math.ceil(textWidth(escapeTerminal(text)) / columns));
  const kept = [...lines];
  let taken = kept.reduce((sum, line) => sum + rowsOf(line), 0);
  while (taken > rows) {
    const last = kept.reduce(
      (best, { spare = 0 }, at) => (spare > 0 && spare >= (kept[best]?.spare ?? 0) ? at : best),
      -1,
    );
    const [left] = last === -1 ? [] : kept.splice(last, 1);
    if (left === undefined) break;
    taken -= rowsOf(left);
  }
  return kept;
}

function* nothingLines({ stored, nothing_stored: because, hidden_by: hidden = [] }: WhyAnswer): Generator<Line> {
  yield { text: stored === undefined ? `  Nothing is stored: ${because}.` : '  Nothing is stored of it.' };
  yield { text: '' };
  yield { text: 'That does not say that nothing was refused. It may be hidden by this:', isTitle: true };
  for (const { state, check, text, mend } of hidden.slice(0, HIDING_SHOWN)) {
    yield { text: `  ${state} ${check}: ${text}${mend === undefined ? '' : `: ${mend}`}` };
  }
  if (hidden.length > HIDING_SHOWN) yield { text: '  and more: trespass doctor' };
  if (hidden.length === 0)
    yield { text: '  nothing that can be seen from here (trespass doctor looks closer, as root)' };
  yield {
    text: '  or by its sandbox: most launchers ask for no log of what they start; trespass check --force-log -- COMMAND',
  };
  yield {
    text: `  or it was not Landlock that refused: file permissions, seccomp and other security modules leave no such record.`,
  };
}
