// The report of `trespass check` as SARIF 2.1.0 (OASIS), for code scanning: a rule for each blocker, a result for each
// issue, with the issue's fingerprint and whether the baseline has it.
import { meaningOf } from '../../landlock/explain/meanings.ts';
import { packageVersion } from '../../runtime/package-version.ts';
import { escapeTerminal } from '../../runtime/terminal-text.ts';
import { type CheckedIssue, type CheckReport, endText } from './report.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

export function toSarif(report: CheckReport): object {
  const blockers = [...new Set(report.issues.flatMap((issue) => issue.blockers))];
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'trespass',
            version: packageVersion,
            rules: blockers.map((blocker) => ({
              id: blocker,
              shortDescription: { text: escapeTerminal(meaningOf(blocker).text) },
            })),
          },
        },
        invocations: [invocationOf(report)],
        results: report.issues.map(toResult),
      },
    ],
  };
}

function invocationOf({ command, end, started_at, ended_at, warnings }: CheckReport): object {
  return {
    commandLine: command.map(escapeTerminal).join(' '),
    startTimeUtc: started_at,
    endTimeUtc: ended_at,
    executionSuccessful: end.kind === 'exit' && end.code === 0,
    ...(end.kind === 'exit' && { exitCode: end.code }),
    ...(end.kind === 'signal' && { exitSignalName: end.signal }),
    ...(end.kind === 'not-started' && { processStartFailureMessage: endText(end) }),
    toolExecutionNotifications: warnings.map((text) => ({ level: 'warning', message: { text: escapeTerminal(text) } })),
  };
}

function toResult({ issue, sentence, blockers, path, causes, known }: CheckedIssue): object {
  const remedies = causes.map(({ if: condition, then, do: remedy }) => `If ${condition}, then ${then}: ${remedy}.`);
  return {
    ruleId: blockers[0] ?? 'unknown',
    level: known ? 'note' : 'error',
    baselineState: known ? 'unchanged' : 'new',
    message: { text: escapeTerminal([sentence, ...remedies].join(' ')) },
    occurrenceCount: issue.count,
    partialFingerprints: { 'landlockIssue/v1': issue.fingerprint },
    locations: [
      {
        ...(path?.startsWith('/') && { physicalLocation: { artifactLocation: { uri: toUri(path) } } }),
        logicalLocations: [{ fullyQualifiedName: escapeTerminal(issue.title), kind: 'resource' }],
      },
    ],
  };
}

function toUri(path: string): string {
  // A half of a surrogate pair has no encoding.
  return `file://${path
    .split('/')
    .map((part) => encodeURIComponent(part.replace(/[\ud800-\udfff]/gu, '\ufffd')))
    .join('/')}`;
}
