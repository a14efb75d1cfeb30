import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../src/audit/parse-line.ts';
import { Reassembler } from '../../../src/audit/reassembler.ts';
import type { Document, SandboxDocument } from '../../../src/landlock/document.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import {
  type DenialSeen,
  type Lineage,
  type Observation,
  toObservation,
} from '../../../src/landlock/hierarchy/observation.ts';
import { interpretEvent } from '../../../src/landlock/interpret-event.ts';
import { readSandboxCall } from '../../../src/landlock/sandbox-call.ts';

const CAPTURE = new URL('../../fixtures/sandbox-calls/linux-7.3.4.log', import.meta.url).pathname;
const HOST = { id: 'h', boot: { id: 'b' } };

/** `domain ← parent strength`, for each domain with a parent. */
function drawn(observations: readonly Observation[]): string[] {
  return [...inferParents(observations).values()]
    .flatMap(({ domain, parent }) => (parent === undefined ? [] : [`${domain} ← ${parent.domain} ${parent.strength}`]))
    .sort();
}

/** A denial at `timeMs` of process 20 (child of 10) by a9, or of process 10 by a0. */
function denial(timeMs: number, domain: 'a0' | 'a9', lineage?: Lineage): DenialSeen {
  const [pid, parentPid] = domain === 'a9' ? [20, 10] : [10, 1];
  return {
    kind: 'denial',
    domain,
    record: `r${timeMs}`,
    serial: timeMs,
    timeMs,
    event: `e${timeMs}`,
    isOwnCheck: true,
    blockers: [`fs.right_${domain}`],
    actor: { pid, parentPid, executable: '/bin/x', ...(lineage !== undefined && { lineage }) },
  };
}

const allocation = (timeMs: number, domain: string, pid: number): Observation => ({
  kind: 'allocation',
  domain,
  record: `a${timeMs}`,
  serial: timeMs,
  timeMs,
  creator: { pid, executable: '/bin/x' },
});

const call = (timeMs: number, pid: number): Observation => ({
  kind: 'call',
  actor: { pid, executable: '/bin/x' },
  record: `c${timeMs}`,
  serial: timeMs,
  timeMs,
  makesDomain: true,
});

const at = (pid: number, startedMs: number) => ({ pid, startTicks: startedMs / 10, startedMs });

describe('audit rules on a real machine', () => {
  const documents: (Document | SandboxDocument)[] = [];
  const reassembler = new Reassembler({
    completesOn: 'eoe',
    isIndexed: () => false,
    isLone: () => false,
    onEvent: (event) => {
      documents.push(...interpretEvent(event, { host: HOST }).documents);
      const seen = readSandboxCall(event, { host: HOST, key: 'lab' });
      if (seen !== undefined) documents.push(seen);
    },
  });
  for (const line of readFileSync(CAPTURE, 'latin1').split('\n')) {
    const parsed = parseLine(line);
    if (parsed !== null && parsed.kind !== 'malformed') reassembler.push(parsed);
  }
  reassembler.end();

  it('know the parent of a process that had lost it by its first denial', () => {
    const seen = documents.flatMap((doc) => toObservation(doc) ?? []);
    const withoutCalls = seen.filter(({ kind }) => kind !== 'call');
    const orphan = '1af495ef1 ← 1af495ec9 hint';
    expect(drawn(seen)).toContain(orphan);
    expect(drawn(withoutCalls)).not.toContain(orphan);
    expect(drawn(seen).filter((edge) => edge !== orphan)).toEqual(drawn(withoutCalls));
  });
});

describe('start times', () => {
  const family = [denial(1_000, 'a0'), allocation(1_000, 'a0', 10), allocation(5_000, 'a9', 20)];

  it('make an edge strong where the child began after its parent was refused', () => {
    const seen = [...family, denial(5_000, 'a9', [at(20, 3_000), at(10, 500)])];
    expect(drawn(seen)).toEqual(['a9 ← a0 strong']);
    const [evidence] = inferParents(seen).get('a9')?.parent?.evidence ?? [];
    expect(evidence).toMatchObject({ kind: 'proc-ancestry', pid: 20, parent_pid: 10 });
  });

  it('leave it a hint where the child was there before that, and nobody knows when the domain was made', () => {
    expect(drawn([...family, denial(5_000, 'a9', [at(20, 900), at(10, 500)])])).toEqual(['a9 ← a0 hint']);
    expect(drawn([...family, denial(5_000, 'a9', [at(20, 1_020), at(10, 500)])])).toEqual(['a9 ← a0 hint']);
  });

  it('rule it out where the child began before the restriction', () => {
    const seen = [...family, call(800, 10), denial(5_000, 'a9', [at(20, 600), at(10, 500)])];
    expect(drawn(seen)).toEqual([]);
    expect(inferParents(seen).get('a9')?.ruledOut).toEqual([{ domain: 'a0', because: 'forked-before' }]);
    const after = [...family, call(800, 10), denial(5_000, 'a9', [at(20, 900), at(10, 500)])];
    expect(drawn(after)).toEqual(['a9 ← a0 strong']);
  });

  it('reach over processes that no record names', () => {
    const seen = [...family, denial(5_000, 'a9', [at(20, 3_000), at(15, 2_000), at(12, 1_500), at(10, 500)])];
    const distant = seen.map((one) =>
      one.kind === 'denial' && one.domain === 'a9' && one.actor !== undefined
        ? { ...one, actor: { ...one.actor, parentPid: 15 } }
        : one,
    );
    expect(drawn(distant)).toEqual(['a9 ← a0 strong']);
  });

  it('tell processes apart that had one number after the other', () => {
    // The one that was refused as 10 had it before the parent of 20 began.
    const used = [denial(1_000, 'a0'), allocation(1_000, 'a0', 9), denial(5_000, 'a9', [at(20, 4_000), at(10, 3_000)])];
    expect(drawn(used)).toEqual([]);
    expect(drawn([...used.slice(0, 2), denial(5_000, 'a9')])).toEqual(['a9 ← a0 strong']);
    const again = [
      denial(1_000, 'a0', [at(10, 500)]),
      {
        ...denial(2_000, 'a9', [at(10, 1_500)]),
        actor: { pid: 10, parentPid: 1, executable: '/bin/x', lineage: [at(10, 1_500)] },
      },
    ];
    expect(drawn(again)).toEqual([]);
  });
});
