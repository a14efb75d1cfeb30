import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawForest } from '../../src/cli/domain-forest.ts';
import type { DomainAnswer, Evidence } from '../../src/store/answers.ts';

type Strength = Evidence['strength'];

function domain(id: string, parent?: string, host = 'web-1', strength: Strength = 'proof'): DomainAnswer {
  return {
    host: { id: `id-of-${host}`, name: host },
    boot: 'boot-1',
    id,
    status: 'live',
    creator: { pid: 7, executable: `/bin/${id}` },
    denials: { logged: 2 },
    ...(parent !== undefined && { parent }),
    evidence: parent === undefined ? [] : [{ kind: 'same-task', strength }],
    depth_min: 1,
  };
}

describe('the drawn forest', () => {
  it('shows children below their parent, oldest first, with the evidence of the edge', () => {
    const drawn = drawForest([domain('1d', '1b'), domain('1c', '1a'), domain('1b', '1a'), domain('1a'), domain('2')]);
    expect(drawn).toBe(`web-1, boot boot-1
2  /bin/2 (7)  2 denials  live
1a  /bin/1a (7)  2 denials  live
├═ 1b  /bin/1b (7)  2 denials  live  [proof: same-task]
│  └═ 1d  /bin/1d (7)  2 denials  live  [proof: same-task]
└═ 1c  /bin/1c (7)  2 denials  live  [proof: same-task]

═ proof
`);
  });

  it('marks every edge with what is known of it, and tells the lifetime', () => {
    const times = { allocated_at: '2026-03-01T10:00:00.000Z', deallocated_at: '2026-03-01T10:00:02.500Z' };
    const weak: DomainAnswer = { ...domain('1d', '1c', 'web-1', 'hint'), evidence_incomplete: true };
    const strong = { ...domain('1c', '1b', 'web-1', 'strong'), ...times };
    expect(drawForest([domain('1a'), domain('1b', '1a'), strong, weak])).toBe(`web-1, boot boot-1
1a  /bin/1a (7)  2 denials  live
└═ 1b  /bin/1b (7)  2 denials  live  [proof: same-task]
   └─ 1c  /bin/1c (7)  2 denials  live  2026-03-01T10:00:00.000Z + 2.500 s  [strong: same-task]
      └┄ 1d  /bin/1d (7)  2 denials  live  [hint: same-task]  *

═ proof   ─ strong   ┄ hint

* too many records in its boot: only a part of the evidence was looked at
`);
  });

  it('keeps the same id on two hosts apart', () => {
    const drawn = drawForest([domain('1a'), domain('1a', undefined, 'web-2'), domain('1b', '1a', 'web-2')]);
    expect(drawn).toBe(`web-1, boot boot-1
1a  /bin/1a (7)  2 denials  live

web-2, boot boot-1
1a  /bin/1a (7)  2 denials  live
└═ 1b  /bin/1b (7)  2 denials  live  [proof: same-task]

═ proof
`);
  });

  it('tells unlogged denials, and escapes what a program calls itself', () => {
    const answer: DomainAnswer = {
      ...domain('1a'),
      creator: { name: 'a\u001b[2J\nb' },
      denials: { logged: 1, total: 5, unlogged: 4 },
      status: 'gone',
    };
    expect(drawForest([answer])).toContain('1a  a\\x1b[2J\\x0ab  1 denial, 4 unlogged  gone\n');
  });

  it('says what the kernel itself told: no parent, when it was made, what audit never logged', () => {
    const root: DomainAnswer = {
      ...domain('1a'),
      traced: true,
      created_at: '2026-03-01T10:00:00.000Z',
      allocated_at: '2026-03-01T10:00:01.000Z',
      deallocated_at: '2026-03-01T10:00:02.000Z',
      denials: { logged: 0, traced: 2 },
    };
    const unknown: DomainAnswer = { ...domain('1b', '1a'), evidence: [] };
    expect(drawForest([root, unknown])).toBe(`web-1, boot boot-1
1a  /bin/1a (7)  0 denials, 2 unlogged  live  2026-03-01T10:00:00.000Z + 2.000 s  [proof: no parent]
└? 1b  /bin/1b (7)  2 denials  live  [unknown: ]

? unknown
`);
  });

  it('has every domain exactly once, whatever the parents are', () => {
    const ids = fc.integer({ min: 0, max: 30 }).map((id) => id.toString(16));
    const domains = fc.uniqueArray(fc.tuple(ids, fc.option(ids, { nil: undefined })), { selector: ([id]) => id });
    fc.assert(
      fc.property(domains, (pairs) => {
        const drawn = drawForest(pairs.map(([id, parent]) => domain(id, parent)));
        const drawnIds = [...drawn.matchAll(/([0-9a-f]+) {2}\/bin/g)].map(([, id]) => id);
        expect(drawnIds.sort()).toEqual(pairs.map(([id]) => id).sort());
      }),
    );
  });
});
