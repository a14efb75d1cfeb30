// `trespass tree --explain`: how it is known what a domain is nested in, in plain words. The kernel logs no parent, so
// every sentence says which observation it rests on, and how far that may be trusted.
import { escapeTerminal } from '../runtime/terminal-text.ts';
import type { DomainAnswer, Evidence } from '../store/answers.ts';

/** Records named of one piece of evidence; the others are counted. */
const RECORDS_SHOWN_MAX = 4;

const TRUST: Record<Evidence['strength'], string> = {
  proof: 'proof: it follows from how the kernel works, whatever programs do',
  strong: 'strong: true but for rare and exotic cases',
  hint: 'a hint: it may be otherwise',
};

const RULED_OUT: Record<string, string> = {
  'freed-before': 'it ended before this domain did, and a parent outlives its children',
  'forked-before': 'the process was there before that domain was',
  outside: 'it refused to signal or trace a process that is in this domain',
  'would-have-refused': 'it had refused the same access before that an older domain refused here',
  'several-chains': 'the process has threads in different domains, or its number was used again',
  tracepoint: 'the kernel itself named another parent',
};

/** Some lines for each domain; control characters are escaped. */
export function explainDescent(domains: readonly DomainAnswer[]): string {
  return `${domains.map((domain) => explainOne(domain).map(escapeTerminal).join('\n')).join('\n\n')}\n`;
}

function explainOne(domain: DomainAnswer): string[] {
  const { parent, evidence, other_ancestors: others = [], ruled_out: ruledOut = [] } = domain;
  const lines = [`Domain ${domain.id} of ${domain.host.name}, boot ${domain.boot}`];
  if (parent === undefined) {
    lines.push(
      '  Nothing that was recorded says what it is nested in. It may stand alone, or its parent left no trace.',
    );
  } else {
    lines.push(`  It is nested in ${parent}, or in something that is nested in ${parent} and left no trace:`);
    lines.push(...evidence.flatMap((one) => explainEvidence(one, parent)));
  }
  for (const other of others) {
    lines.push(`  Further out, or instead: ${other.id}:`);
    lines.push(...other.evidence.flatMap((one) => explainEvidence(one, other.id)));
  }
  for (const { id, because } of ruledOut) {
    lines.push(`  It is not nested in ${id}: ${RULED_OUT[because] ?? because}.`);
  }
  lines.push(
    `  So it is at least at depth ${domain.depth_min}${domain.depth_min === 1 ? '' : ' (hints do not count)'}.`,
  );
  if (domain.evidence_incomplete) {
    lines.push('  Its boot has too many records to look at all of them: there may be more evidence, for and against.');
  }
  return lines;
}

function explainEvidence(evidence: Evidence, ancestor: string): string[] {
  const { kind, strength, records } = evidence;
  return [
    `    - ${sentenceOf(evidence, ancestor)}`,
    `      ${kind}, ${TRUST[strength]}`,
    ...(Array.isArray(records) && records.length > 0 ? [`      records: ${listRecords(records.map(String))}`] : []),
  ];
}

function sentenceOf({ kind, pid, parent_pid: parentPid }: Evidence, ancestor: string): string {
  const process = pid === undefined ? 'A process' : `Process ${String(pid)}`;
  const parent = parentPid === undefined ? 'its parent' : `process ${String(parentPid)} above it`;
  switch (kind) {
    case 'tracepoint':
      return `The kernel said when it made the domain that ${ancestor} is the parent.`;
    case 'same-event':
      return 'Both domains refused one and the same system call, so they are of one chain.';
    case 'born-inside':
      return `${process} was in ${ancestor} from its birth, as it did not make it, and is in this domain too.`;
    case 'same-thread':
      return `${process} met both domains in a thread of the same name.`;
    case 'parent-born-inside':
      return `${process} is in this domain, and ${parent} was in ${ancestor} from its birth.`;
    case 'proc-ancestry':
      return `/proc showed that ${parent} was in ${ancestor} already when the one below it in the chain started.`;
    case 'same-process':
      return `${process} has to do with both domains; its threads might be in different ones.`;
    case 'parent-process':
      return `${process} is in this domain, and ${parent} in ${ancestor}; it might have been forked before that.`;
    default:
      return `${process} speaks for it.`;
  }
}

function listRecords(records: readonly string[]): string {
  const shown = records.slice(0, RECORDS_SHOWN_MAX).join(' ');
  return records.length > RECORDS_SHOWN_MAX ? `${shown} and ${records.length - RECORDS_SHOWN_MAX} more` : shown;
}
