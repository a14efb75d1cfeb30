// Explanations as lines for people, alike for records and for what is stored. Their texts are made elsewhere.
import type { Explanation } from '../landlock/explain/explain.ts';
import { escapeTerminal } from '../runtime/terminal-text.ts';
import type { DomainExplanationAnswer, ExplanationAnswer } from '../store/explaining/explanation-answers.ts';
import type { ExplainedIssue } from './issue-tally.ts';

/** Hosts that are named; the others are counted. */
const HOSTS_SHOWN_MAX = 5;

/** One issue of some records. */
export function* linesOfIssue(explained: ExplainedIssue, isStyled: boolean): Generator<string> {
  const { issue } = explained;
  const span = issue.first === issue.last ? issue.first : `${issue.first} to ${issue.last}`;
  const when = `${times(issue.count)}, ${span}`;
  yield `${headline(issue.title, isStyled)} (${when})`;
  yield* linesOfWords(explained);
  yield* linesOfUnknown(explained.unknown);
}

/** One denial that is stored, with its neighbours. */
export function* linesOfAnswer(answer: ExplanationAnswer, isStyled: boolean): Generator<string> {
  const { denial, issue } = answer;
  yield `${headline(issue?.title ?? `denial ${denial.id}`, isStyled)} (${denial.at}, ${escapeTerminal(denial.host.name)})`;
  yield* linesOfWords(answer);
  yield* linesOfUnknown(answer.unknown);
  yield* linesOfNeighbours(answer);
}

/** One domain. */
export function* linesOfDomain(answer: DomainExplanationAnswer, isStyled: boolean): Generator<string> {
  yield headline(`domain ${answer.domain.id} on ${answer.domain.host.name}`, isStyled);
  yield `  ${escapeTerminal(answer.sentence)}`;
  yield '';
  for (const { title, denials, sentence, causes, denial } of answer.refused) {
    yield escapeTerminal(`  ${title} (${times(denials)})`);
    yield escapeTerminal(`    ${denial.at}: ${sentence}`);
    yield* linesOfCauses(causes, '    ');
    yield '';
  }
  yield* linesOfMeaning(answer.meaning);
  yield '';
  yield* linesOfUnknown(answer.unknown);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function headline(text: string, isStyled: boolean): string {
  const title = escapeTerminal(text);
  return isStyled ? `\u001b[1m${title}\u001b[0m` : title;
}

function* linesOfWords({ sentence, meaning, causes }: Explanation): Generator<string> {
  yield `  ${escapeTerminal(sentence)}`;
  yield '';
  yield* linesOfMeaning(meaning);
  yield '';
  yield* linesOfCauses(causes, '  ');
  yield '';
}

function* linesOfMeaning(meaning: Explanation['meaning']): Generator<string> {
  for (const { blocker, text, since_abi: abi, traps } of meaning) {
    yield `  ${escapeTerminal(blocker)}${abi === undefined ? '' : ` (Landlock ABI ${abi})`}: ${text}`;
    for (const trap of traps) yield `    - ${trap}`;
  }
}

function* linesOfCauses(causes: Explanation['causes'], indent: string): Generator<string> {
  for (const { if: condition, then, do: remedy, sure } of causes) {
    yield escapeTerminal(`${indent}${sure}: If ${condition}, then ${then}: ${remedy}.`);
  }
}

function* linesOfUnknown(unknown: readonly string[]): Generator<string> {
  yield '  Not known:';
  for (const what of unknown) yield escapeTerminal(`    - ${what}`);
  yield '';
}

function* linesOfNeighbours({ issue, other_hosts: hosts, around }: ExplanationAnswer): Generator<string> {
  const lines: string[] = [];
  if (issue !== undefined) {
    const where = issue.hosts === 1 ? 'one host' : `${issue.hosts} hosts`;
    lines.push(
      `Issue ${issue.id}: first seen ${issue.first_seen}, last seen ${issue.last_seen}, ${times(issue.denials)} on ${where}.`,
    );
  }
  if (hosts.length > 0) {
    const named = hosts.slice(0, HOSTS_SHOWN_MAX).map(({ name, denials }) => `${name} (${times(denials)})`);
    const others = hosts.length > HOSTS_SHOWN_MAX ? `, and ${hosts.length - HOSTS_SHOWN_MAX} more` : '';
    lines.push(`The same on other hosts: ${named.join(', ')}${others}.`);
  }
  if (around !== undefined) {
    const { pid, seconds, data, is_sampled: isSampled } = around;
    const limit = isSampled ? ', of the nearest denials only' : '';
    if (data.length === 0) lines.push(`Process ${pid} was refused nothing else within ${seconds} seconds${limit}.`);
    for (const { title, denials } of data) {
      lines.push(`Process ${pid} within ${seconds} seconds${limit}: ${title} (${times(denials)}).`);
    }
  }
  if (lines.length === 0) return;
  yield '  Around it:';
  for (const line of lines) yield escapeTerminal(`    - ${line}`);
  yield '';
}
