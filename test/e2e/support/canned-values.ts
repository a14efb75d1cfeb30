// Top values and suggestions, counted from the denials of the canned world, and pages of these denials.

import type { DenialContext } from '../../../src/api/schemas/context.ts';
import type { Denial } from '../../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../../src/api/schemas/domain.ts';
import type { Top, Values } from '../../../src/api/schemas/stats.ts';

const VALUE_OF: Readonly<Record<string, (denial: Denial) => readonly string[]>> = {
  blocker: (denial) => denial.landlock.blockers,
  program: (denial) => given(denial.process?.executable),
  comm: (denial) => given(denial.process?.name),
  path: (denial) => given(denial.file?.path),
  user: (denial) => given(denial.user?.id),
  uid: (denial) => given(denial.user?.id),
  host: (denial) => [denial.host.id],
  domain: (denial) => [denial.landlock.domain.id],
  kind: (denial) => [denial.landlock.object.kind],
  package: (denial) => given(denial.package?.name),
  unit: (denial) => given(denial.systemd?.unit),
  port: (denial) => given(denial.destination?.port?.toString()),
};

function given(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

/** The answers to /stats/top and /stats/values; undefined: another question. */
export function valueAnswer(
  path: string,
  parameters: URLSearchParams,
  denials: readonly Denial[],
): Top | Values | undefined {
  const field = parameters.get('by') ?? parameters.get('field') ?? '';
  if (path !== '/stats/top' && path !== '/stats/values') {
    return undefined;
  }
  const counts = new Map<string, number>();
  const prefix = parameters.get('prefix') ?? '';
  for (const value of denials.flatMap((denial) => VALUE_OF[field]?.(denial) ?? [])) {
    if (value.startsWith(prefix)) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  const all = [...counts].sort((a, b) => b[1] - a[1]);
  const data = all.slice(0, Number(parameters.get('limit') ?? 10)).map(([value, count]) => ({
    value,
    denials: count,
    ...(field === 'host' && value.startsWith('id-') ? { label: value.slice(3) } : {}),
  }));
  const times = { from: '2026-03-01T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' };
  const common = { ...times, data, values: all.length, counted_from: 'denials' as const };
  return path === '/stats/top'
    ? { ...common, by: field as Top['by'], others: 0, malformed: 0, lost: [], unlogged: 0 }
    : { ...common, field: field as Values['field'], complete: true };
}

/** One page of them; the cursor is a place in the list. */
export function denialPage(parameters: URLSearchParams, denials: readonly Denial[]) {
  const start = Number(parameters.get('cursor') ?? 0);
  const end = start + Number(parameters.get('limit') ?? 100);
  return { data: denials.slice(start, end), next_cursor: end < denials.length ? String(end) : null };
}

/** A denial between its neighbours and the end of a domain. */
export function contextAnswer(denials: readonly Denial[], id: string, domain: DomainAnswer): DenialContext | undefined {
  const at = denials.findIndex((denial) => denial.event.id === id);
  const self = denials[at];
  if (self === undefined) {
    return undefined;
  }
  const selfMs = Date.parse(self['@timestamp']);
  const near = [denials[at + 1], self, denials[at - 1]].flatMap((denial, index) =>
    denial === undefined
      ? []
      : [{ at: new Date(selfMs + (index - 1) * 4_300).toISOString(), what: 'denial' as const, denial }],
  );
  const end = { at: new Date(selfMs + 9_000).toISOString(), what: 'domain-deallocated' as const, domain };
  return {
    from: new Date(selfMs - 30_000).toISOString(),
    to: new Date(selfMs + 30_000).toISOString(),
    data: [...near, end],
    more: { before: true, after: false, domains: false },
    malformed: 0,
    lost: [],
    unlogged: 0,
  };
}
