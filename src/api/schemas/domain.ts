// Landlock domains and how sure we are of their place in the tree.
import Type, { type Static } from 'typebox';
import { DOMAIN_SORTS } from '../../store/families/domain-sorts.ts';
import { count, list, time } from './common.ts';
import { rulesetSchema } from './document.ts';

const optional = Type.Optional;

export const evidenceSchema = Type.Intersect([
  Type.Object({
    kind: Type.String(),
    strength: Type.Enum(['proof', 'strong', 'hint']),
    text: optional(Type.String({ description: 'A sentence' })),
  }),
  Type.Record(Type.String(), Type.Unknown()),
]);

export const domainSortSchema = Type.Enum([...DOMAIN_SORTS], {
  description: 'The greatest first (denials: all that are known, logged or not); default: the last to become known',
});

export const domainSchema = Type.Object(
  {
    host: Type.Object({ id: Type.String(), name: Type.String() }),
    boot: Type.String(),
    id: Type.String({ description: 'Hexadecimal, as the kernel prints it' }),
    status: Type.Enum(['live', 'gone', 'presumed-gone']),
    mode: optional(Type.String()),
    creator: optional(
      Type.Object({
        pid: optional(Type.Integer()),
        uid: optional(Type.Integer()),
        executable: optional(Type.String()),
        name: optional(Type.String()),
        thread: optional(Type.Object({ id: Type.Integer() })),
      }),
    ),
    denials: Type.Object({
      logged: count(),
      total: optional(count('Known only from the deallocation')),
      unlogged: optional(count()),
      traced: optional(count('Not logged by audit, but told of by tracepoints; part of unlogged once that is known')),
    }),
    unlogged_because: optional(
      list(Type.Object({ kind: Type.String(), text: Type.String() }), {
        description: 'Why denials were not logged, as far as known; for one domain and its tree',
      }),
    ),
    traced: optional(
      Type.Literal(true, { description: 'The kernel said how it was made: without a parent here, it has none' }),
    ),
    ruleset: optional(rulesetSchema),
    created_at: optional(time()),
    allocated_at: optional(time()),
    deallocated_at: optional(time()),
    first_denial_at: optional(time()),
    last_denial_at: optional(time()),
    parent: optional(Type.String({ description: 'Nearest known ancestor' })),
    evidence: list(evidenceSchema),
    depth_min: Type.Integer({ description: 'Least depth: 1 for a domain with no known ancestor' }),
    other_ancestors: optional(
      list(
        Type.Object({
          id: Type.String(),
          strength: Type.Enum(['proof', 'strong', 'hint']),
          evidence: list(evidenceSchema),
        }),
      ),
    ),
    ruled_out: optional(list(Type.Object({ id: Type.String(), because: Type.String(), text: Type.String() }))),
    evidence_incomplete: optional(
      Type.Literal(true, { description: 'The boot has too many records: only a part of them was looked at' }),
    ),
  },
  { title: 'Domain' },
);

export const domainTreeSchema = Type.Object(
  {
    domains: list(domainSchema, {
      description: 'Ancestors, the farthest first; the domain itself; descendants, the nearest first',
    }),
    left_out: optional(count('Descendants that are known and not in the list, because there are too many')),
  },
  { title: 'DomainTree' },
);

export type Evidence = Static<typeof evidenceSchema>;
export type DomainAnswer = Static<typeof domainSchema>;
export type DomainTree = Static<typeof domainTreeSchema>;
export type DomainStatus = DomainAnswer['status'];
