// Domains as trees of lines. Identity is (host, boot, domain id): the same id on two hosts is two domains.
import { escapeTerminal } from '../runtime/terminal-text.ts';
import type { DomainAnswer, Evidence } from '../store/answers.ts';

/** Deeper nesting than this is drawn flat; the kernel itself stops at 16 layers (security/landlock/limits.h). */
const DEPTH_MAX = 64;

function keyOf(domain: DomainAnswer, id: string): string {
  return `${domain.host.id}/${domain.boot}/${id}`;
}

interface Forest {
  readonly roots: readonly DomainAnswer[];
  readonly childrenOf: ReadonlyMap<string, readonly DomainAnswer[]>;
}

/** A domain whose parent was not read stands at the top, and so does one whose line of parents leads back to it. */
function toForest(domains: readonly DomainAnswer[]): Forest {
  const byKey = new Map(domains.map((domain) => [keyOf(domain, domain.id), domain]));
  const roots: DomainAnswer[] = [];
  const childrenOf = new Map<string, DomainAnswer[]>();
  for (const domain of [...domains].sort(byAge)) {
    const parentKey = domain.parent === undefined ? undefined : keyOf(domain, domain.parent);
    if (parentKey === undefined || !byKey.has(parentKey) || isInCircle(domain, byKey)) {
      roots.push(domain);
    } else {
      const siblings = childrenOf.get(parentKey) ?? [];
      siblings.push(domain);
      childrenOf.set(parentKey, siblings);
    }
  }
  return { roots, childrenOf };
}

function isInCircle(domain: DomainAnswer, byKey: ReadonlyMap<string, DomainAnswer>): boolean {
  let ancestor: DomainAnswer | undefined = domain;
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    ancestor = ancestor?.parent === undefined ? undefined : byKey.get(keyOf(ancestor, ancestor.parent));
    if (ancestor === undefined) {
      return false;
    }
  }
  return true;
}

/** Ids rise with time, so they order domains of one boot also where no time is known. */
function byAge(a: DomainAnswer, b: DomainAnswer): number {
  return (
    compare(a.host.name, b.host.name) ||
    compare(a.host.id, b.host.id) ||
    compare(a.boot, b.boot) ||
    a.id.length - b.id.length ||
    compare(a.id, b.id)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The stroke of an edge. `unknown`: the answer came without evidence. */
const MARKS = { proof: '═', strong: '─', hint: '┄', unknown: '?' } as const;
type Mark = keyof typeof MARKS;
const STRENGTHS = ['proof', 'strong', 'hint'] as const;
const MARK_ORDER: readonly Mark[] = [...STRENGTHS, 'unknown'];

function bestStrength(evidence: readonly Evidence[]): Mark {
  const strengths = new Set(evidence.map(({ strength }) => strength));
  return STRENGTHS.find((strength) => strengths.has(strength)) ?? 'unknown';
}

function legend(marks: ReadonlySet<Mark>, isIncomplete: boolean): string[] {
  const strokes = MARK_ORDER.filter((mark) => marks.has(mark));
  return [
    ...(strokes.length > 0 ? ['', strokes.map((mark) => `${MARKS[mark]} ${mark}`).join('   ')] : []),
    ...(isIncomplete ? ['', '* too many records in its boot: only a part of the evidence was looked at'] : []),
  ];
}

/** Box drawing, one domain a line; the host and boot above each group of roots; the strokes that were used below. */
export function drawForest(domains: readonly DomainAnswer[]): string {
  const { roots, childrenOf } = toForest(domains);
  const lines: string[] = [];
  const marks = new Set<Mark>();
  const draw = (domain: DomainAnswer, lead: string, childLead: string) => {
    lines.push(`${lead}${describeDomain(domain)}`);
    const children = childrenOf.get(keyOf(domain, domain.id)) ?? [];
    for (const [index, child] of children.entries()) {
      const isLast = index === children.length - 1;
      const strength = bestStrength(child.evidence);
      marks.add(strength);
      draw(child, `${childLead}${isLast ? '└' : '├'}${MARKS[strength]} `, `${childLead}${isLast ? '   ' : '│  '}`);
    }
  };
  let group = '';
  for (const root of roots) {
    if (keyOf(root, '') !== group) {
      group = keyOf(root, '');
      lines.push(
        `${lines.length === 0 ? '' : '\n'}${escapeTerminal(root.host.name)}, boot ${escapeTerminal(root.boot)}`,
      );
    }
    draw(root, '', '');
  }
  const isIncomplete = domains.some((domain) => domain.evidence_incomplete === true);
  lines.push(...legend(marks, isIncomplete));
  return `${lines.join('\n')}\n`;
}

function describeDomain(domain: DomainAnswer): string {
  const { creator, denials } = domain;
  const parts = [domain.id];
  if (creator !== undefined) {
    const name = creator.executable ?? creator.name ?? 'unknown program';
    parts.push(`${name}${creator.pid === undefined ? '' : ` (${creator.pid})`}`);
  }
  parts.push(countDenials(denials), domain.status);
  const life = lifetime(domain);
  if (life !== undefined) {
    parts.push(life);
  }
  if (domain.parent === undefined && domain.traced) parts.push('[proof: no parent]');
  if (domain.parent !== undefined) {
    const kinds = [...new Set(domain.evidence.map(({ kind }) => kind))];
    parts.push(`[${bestStrength(domain.evidence)}: ${kinds.join(', ')}]`);
  }
  return escapeTerminal(`${parts.join('  ')}${domain.evidence_incomplete ? '  *' : ''}`);
}

/** Those that were logged, and those that were not as far as known. */
function countDenials({ logged, unlogged, traced = 0 }: DomainAnswer['denials']): string {
  const silent = unlogged ?? traced;
  return `${logged} denial${logged === 1 ? '' : 's'}${silent > 0 ? `, ${silent} unlogged` : ''}`;
}

/** When the kernel made it, or else first logged it, and how long it was there from then on. */
function lifetime({ created_at: made, allocated_at: logged, deallocated_at: to }: DomainAnswer): string | undefined {
  const from = made ?? logged;
  if (from === undefined) {
    return to === undefined ? undefined : `until ${to}`;
  }
  return to === undefined ? `since ${from}` : `${from} + ${seconds(Date.parse(to) - Date.parse(from))}`;
}

function seconds(ms: number): string {
  return ms < 0 ? '0 s' : `${ms < 60_000 ? (ms / 1_000).toFixed(3) : Math.round(ms / 1_000)} s`;
}
