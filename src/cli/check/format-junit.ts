// The report of `trespass check` as JUnit XML: a case for each issue, failed where it is new, skipped where it is in the
// baseline; one that passes where there is none.
import { escapeTerminal } from '../../runtime/terminal-text.ts';
import { type CheckedIssue, type CheckReport, endText } from './report.ts';

const NAME = 'trespass check';

export function toJunit(report: CheckReport): string {
  const { issues, new_issues: failures } = report;
  const seconds = (Date.parse(report.ended_at) - Date.parse(report.started_at)) / 1000;
  const skipped = issues.length - failures;
  const counts = `tests="${Math.max(1, issues.length)}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`;
  const cases = issues.length === 0 ? [`    <testcase classname="landlock" name="no denial"/>`] : issues.map(toCase);
  const said = [`The command ${endText(report.end)}: ${report.command.join(' ')}`, ...report.warnings];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${NAME}" ${counts}>`,
    `  <testsuite name="${NAME}" timestamp="${escapeXml(report.started_at)}" ${counts}>`,
    ...cases,
    `    <system-out>${escapeXml(said.join('\n'))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function toCase({ issue, sentence, causes, blockers, known }: CheckedIssue): string {
  const head = `    <testcase classname="landlock.${escapeXml(blockers[0] ?? 'unknown')}" name="${escapeXml(issue.title)}">`;
  const remedies = causes.map(({ if: condition, then, do: remedy, sure }) => {
    return `${sure}: If ${condition}, then ${then}: ${remedy}.`;
  });
  const text = [sentence, `${issue.count} times, fingerprint ${issue.fingerprint}`, ...remedies].join('\n');
  const body = known
    ? `<skipped message="in the baseline"/>`
    : `<failure message="${escapeXml(sentence)}" type="denial">${escapeXml(text)}</failure>`;
  return `${head}${body}</testcase>`;
}

/** Characters that XML 1.0 has no way to write are shown as `\x1b`, as on a terminal. */
function escapeXml(text: string): string {
  return text
    .split('\n')
    .map(escapeTerminal)
    .join('\n')
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
