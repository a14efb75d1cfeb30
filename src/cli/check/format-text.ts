// The report of `trespass check` for people, and as Markdown for comments on changes.
import { escapeTerminal } from '../../runtime/terminal-text.ts';
import { type CheckedIssue, type CheckReport, endText } from './report.ts';

const CAUSES_SHOWN = 2;

export function toText(report: CheckReport, isStyled: boolean): string {
  const lines = [''];
  for (const issue of report.issues.filter(({ known }) => !known)) lines.push(...issueLines(issue, isStyled), '');
  const known = report.issues.length - report.new_issues;
  lines.push(escapeTerminal(`trespass check: the command ${endText(report.end)}; ${summaryOf(report)}`));
  if (known > 0) lines.push(`  ${known} of them ${known === 1 ? 'is' : 'are'} in the baseline`);
  for (const warning of report.warnings) lines.push(`  note: ${escapeTerminal(warning)}`);
  return `${lines.join('\n')}\n`;
}

function* issueLines({ issue, sentence, causes }: CheckedIssue, isStyled: boolean): Generator<string> {
  const title = escapeTerminal(`${issue.title}${issue.count === 1 ? '' : ` (${issue.count} times)`}`);
  yield isStyled ? `\u001b[1m${title}\u001b[0m` : title;
  yield `  ${escapeTerminal(sentence)}`;
  for (const { if: condition, then, do: remedy, sure } of causes.slice(0, CAUSES_SHOWN)) {
    yield escapeTerminal(`  ${sure}: If ${condition}, then ${then}: ${remedy}.`);
  }
}

export function summaryOf({ denials, issues, new_issues: fresh }: CheckReport): string {
  if (denials === 0) return 'no denial';
  const many = `${denials} ${denials === 1 ? 'denial' : 'denials'} of ${issues.length} ${issues.length === 1 ? 'issue' : 'issues'}`;
  return `${many}, ${fresh === 0 ? 'none' : fresh} new`;
}

export function toMarkdown(report: CheckReport): string {
  const lines = [
    `### Landlock: ${summaryOf(report)}`,
    '',
    `The command ${escapeMarkdown(endText(report.end))}: ${code(report.command.join(' '))}`,
    '',
  ];
  if (report.issues.length > 0) {
    lines.push('| | what was refused | times | likely cause |', '|---|---|---:|---|');
    for (const { issue, causes, known } of report.issues) {
      const [cause] = causes;
      const why = cause === undefined ? '' : `If ${cause.if}, then ${cause.then}: ${cause.do}.`;
      lines.push(
        `| ${known ? 'known' : '**new**'} | ${escapeMarkdown(issue.title)} | ${issue.count} | ${escapeMarkdown(why)} |`,
      );
    }
    lines.push('');
  }
  for (const warning of report.warnings) lines.push(`> ${escapeMarkdown(warning)}`, '');
  return `${lines.join('\n')}`;
}

/** Text that stays text: no markup, no link, no mention, no cell of a table. */
function escapeMarkdown(text: string): string {
  return escapeTerminal(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+!|~@:]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function code(text: string): string {
  return `<code>${escapeMarkdown(text)}</code>`;
}
