// The answer of `trespass why` as the lines of one screen. Pure.
import type { StoredAnswer } from './ask-stored.ts';
import type { Subject } from './subject.ts';
import type { WhyAnswer } from './why-answer.ts';

export interface Line {
  readonly text: string;
  readonly isTitle?: true;
}

const CAUSES_SHOWN = 2;
const UNKNOWN_SHOWN = 2;
const HIDING_SHOWN = 6;

export function sayAnswer(answer: WhyAnswer): readonly Line[] {
  const { live, stored, subject } = answer;
  const lines: Line[] = [
    { text: `${whatOf(subject)}:`, isTitle: true },
    ...live.map((text) => ({ text: `  ${text}` })),
  ];
  if (stored !== undefined && stored.denials > 0) lines.push(...foundLines(stored));
  else lines.push(...nothingLines(answer));
  if (stored?.unlogged !== undefined) {
    const { domains, denials } = stored.unlogged;
    lines.push({
      text: `  Sandboxes that it made (${domains}) had ${denials} denials that were not logged: trespass tree --explain`,
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
  for (const { title, denials: count, last_seen: last, id } of issues) {
    yield { text: `    ${String(count).padStart(6)}  ${title} (last ${last}, issue ${id})` };
  }
  if (stored.more_issues) yield { text: `            and more: trespass issues --query '${stored.query}'` };
  if (explanation === undefined) return;
  yield { text: '' };
  yield { text: 'The newest:', isTitle: true };
  yield { text: `  ${explanation.sentence}` };
  for (const { if: condition, then, do: remedy, sure } of explanation.causes.slice(0, CAUSES_SHOWN)) {
    yield { text: `  ${sure}: If ${condition}, then ${then}: ${remedy}.` };
  }
  for (const what of explanation.unknown.slice(0, UNKNOWN_SHOWN)) yield { text: `  not known: ${what}` };
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
