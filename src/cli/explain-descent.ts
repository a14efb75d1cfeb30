// `trespass tree --explain`: how it is known what a domain is nested in, in plain words. The kernel logs no parent, so
// every sentence says which observation it rests on, and how far that may be trusted. The sentences are the store's.
import { escapeTerminal } from '../runtime/terminal-text.ts';
import type { DomainAnswer, Evidence } from '../store/answers.ts';

/** Records named of one piece of evidence; the others are counted. */
const RECORDS_SHOWN_MAX = 4;

const TRUST: Record<Evidence['strength'], string> = {
  proof: 'proof: it follows from how the kernel works, whatever programs do',
  strong: 'strong: true but for rare and exotic cases',
  hint: 'a hint: it may be otherwise',
};

/** Some lines for each domain; control characters are escaped. */
export function explainDescent(domains: readonly DomainAnswer[]): string {
  return `${domains.map((domain) => explainOne(domain).map(escapeTerminal).join('\n')).join('\n\n')}\n`;
}

function explainOne(domain: DomainAnswer): string[] {
  const { parent, evidence, other_ancestors: others = [], ruled_out: ruledOut = [] } = domain;
  const lines = [`Domain ${domain.id} of ${domain.host.name}, boot ${domain.boot}`];
  if (parent === undefined && domain.traced) {
    lines.push('  It is nested in nothing: the kernel said so when it made the domain.');
  } else if (parent === undefined) {
    lines.push(
      '  Nothing that was recorded says what it is nested in. It may stand alone, or its parent left no trace.',
    );
  } else {
    lines.push(`  It is nested in ${parent}, or in something that is nested in ${parent} and left no trace:`);
    lines.push(...evidence.flatMap((one) => explainEvidence(one)));
  }
  for (const other of others) {
    lines.push(`  Further out, or instead: ${other.id}:`);
    lines.push(...other.evidence.flatMap((one) => explainEvidence(one)));
  }
  for (const { id, text } of ruledOut) {
    lines.push(`  It is not nested in ${id}: ${text}`);
  }
  lines.push(
    `  So it is at least at depth ${domain.depth_min}${domain.depth_min === 1 ? '' : ' (hints do not count)'}.`,
  );
  lines.push(...explainRuleset(domain), ...explainUnlogged(domain));
  if (domain.evidence_incomplete) {
    lines.push('  Its boot has too many records to look at all of them: there may be more evidence, for and against.');
  }
  return lines;
}

function explainRuleset({ ruleset }: DomainAnswer): string[] {
  if (ruleset === undefined) return [];
  const { handled, rules } = ruleset;
  const lines = [`  It was made from ruleset ${ruleset.id}${rules === undefined ? '' : ` with ${rules} rules`}.`];
  for (const [what, names] of Object.entries(handled ?? {})) {
    if (names.length > 0) lines.push(`    ${what}: refuses unless allowed ${names.join(', ')}`);
  }
  return lines;
}

function explainUnlogged({ denials, unlogged_because: reasons = [] }: DomainAnswer): string[] {
  if (reasons.length === 0) return [];
  const count = denials.unlogged ?? denials.traced ?? 0;
  return [
    `  ${count} of its denials ${count === 1 ? 'is' : 'are'} not in the audit log:`,
    ...reasons.map(({ text }) => `    - ${text}`),
  ];
}

function explainEvidence(evidence: Evidence): string[] {
  const { kind, strength, records, text = 'Something speaks for it.' } = evidence;
  return [
    `    - ${text}`,
    `      ${kind}, ${TRUST[strength]}`,
    ...(Array.isArray(records) && records.length > 0 ? [`      records: ${listRecords(records.map(String))}`] : []),
  ];
}

function listRecords(records: readonly string[]): string {
  const shown = records.slice(0, RECORDS_SHOWN_MAX).join(' ');
  return records.length > RECORDS_SHOWN_MAX ? `${shown} and ${records.length - RECORDS_SHOWN_MAX} more` : shown;
}
