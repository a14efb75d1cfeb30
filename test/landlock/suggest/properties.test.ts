// What the rules of a suggestion allow, by the evaluator that stands for the kernel: all that was asked for, and nothing
// that is not told.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Denial } from '../../../src/landlock/document.ts';
import { isMet, isMoveMet } from '../../../src/landlock/suggest/build-rules.ts';
import { gather } from '../../../src/landlock/suggest/gather.ts';
import { needOf } from '../../../src/landlock/suggest/needs.ts';
import { RIGHTS, type Right } from '../../../src/landlock/suggest/rights.ts';
import { isPathAllowed, isPortAllowed, type Rule, rulesetOf } from '../../../src/landlock/suggest/rules.ts';
import { suggest } from '../../../src/landlock/suggest/suggest.ts';
import { denialOf, onPath, renamed } from './denials.ts';

const FS = RIGHTS.filter(({ family }) => family === 'fs');
const ON_FILES = FS.filter(({ onFiles }) => onFiles).map(({ name }) => name);
const ON_DIRECTORIES = FS.filter(({ onFiles, name }) => !onFiles && name !== 'fs.refer').map(({ name }) => name);

const name = fc.constantFrom('a', 'b', 'cc', '\u00e9');
// Files end in .f, so that nothing is a directory at one time and a file at another.
const directory = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/srv/x/${names.join('/')}`);
const file = fc.tuple(directory, name).map(([above, of]) => `${above}/${of}.f`);
const some = (names: readonly string[]) => fc.subarray([...names], { minLength: 1, maxLength: 3 });

const anyDenials: fc.Arbitrary<readonly Denial[]> = fc
  .array(
    fc.oneof(
      fc.tuple(file, some(ON_FILES)).map(([path, blockers]) => [onPath(path, blockers)]),
      fc.tuple(directory, some(ON_DIRECTORIES)).map(([path, blockers]) => [onPath(path, blockers)]),
      fc
        .tuple(directory, directory, fc.constantFrom<'file' | 'dir'>('file', 'dir'))
        .filter(([from, to]) => from !== to)
        .map(([from, to, what]) => renamed(from, to, what)),
      fc
        .tuple(fc.nat({ max: 3 }), fc.constantFrom('net.bind_tcp', 'net.bind_udp'))
        .map(([port, blocker]) => [denialOf([blocker], port === 0 ? {} : { source: { port } })]),
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.constantFrom('net.connect_tcp', 'net.connect_send_udp'))
        .map(([port, blocker]) => [denialOf([blocker], { destination: { ip: '10.0.0.1', port } })]),
    ),
    { minLength: 1, maxLength: 12 },
  )
  // Each event has a serial of its own; the two records of a rename share it.
  .map((events) =>
    events.flatMap((denials, n) => denials.map((denial) => ({ ...denial, event: { ...denial.event, sequence: n } }))),
  );

/** Whether the rules meet everything, renames and links too. */
function meetsAll(rules: readonly Rule[], handled: ReadonlySet<Right>, denials: readonly Denial[]): boolean {
  const ruleset = { handled, rules };
  const { places, moves } = gather(denials);
  return places.every(({ need }) => isMet(ruleset, need)) && moves.every((move) => isMoveMet(ruleset, move));
}

const everything = { includeGuarded: true };

it('lets pass every denial that was selected', () => {
  fc.assert(
    fc.property(anyDenials, fc.boolean(), (denials, generalise) => {
      const { rules, counts } = suggest(denials, { ...everything, generalise });
      const all = rules.map(({ rule }) => rule);
      expect(counts).toMatchObject({ selected: denials.length, allowed: denials.length });
      expect(meetsAll(all, rulesetOf(all).handled, denials)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('has no right too many: without any single one, something that was selected is refused', () => {
  fc.assert(
    fc.property(anyDenials, (denials) => {
      const rules = suggest(denials, everything).rules.map(({ rule }) => rule);
      const { handled } = rulesetOf(rules);
      for (const rule of rules) {
        for (const right of rule.rights) {
          const less = rules.map((other) =>
            other === rule ? { ...rule, rights: rule.rights.filter((one) => one !== right) } : other,
          );
          expect([right.name, meetsAll(less, handled, denials)]).toEqual([right.name, false]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('allows nothing beyond what was seen but what it tells as a difference', () => {
  const probe = fc.tuple(fc.oneof(file, directory), fc.constantFrom(...RIGHTS), fc.nat({ max: 5 }));
  fc.assert(
    fc.property(anyDenials, fc.array(probe, { maxLength: 60 }), fc.boolean(), (denials, probes, generalise) => {
      const { rules, differences } = suggest(denials, { ...everything, generalise });
      const ruleset = rulesetOf(rules.map(({ rule }) => rule));
      const told = rulesetOf(differences.map(({ rule }) => rule));
      const seen = new Set(
        denials.flatMap((denial) => {
          const need = needOf(denial);
          return need.kind === 'path' ? need.rights.map((right) => `${right.name} ${need.path}`) : [];
        }),
      );
      for (const [path, right, port] of probes) {
        if (!ruleset.handled.has(right)) continue;
        const bytes = Buffer.from(path).toString('latin1');
        if (right.family === 'net' && isPortAllowed(ruleset, port, right))
          expect(isPortAllowed({ ...told, handled: ruleset.handled }, port, right)).toBe(true);
        if (right.family === 'fs' && isPathAllowed(ruleset, bytes, right) && !seen.has(`${right.name} ${bytes}`))
          expect(isPathAllowed({ ...told, handled: ruleset.handled }, bytes, right)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

it('puts no right of directories on anything else', () => {
  fc.assert(
    fc.property(anyDenials, (denials) => {
      for (const { rule } of suggest(denials, everything).rules) {
        if (rule.kind === 'path' && !rule.isDirectory) expect(rule.rights.every(({ onFiles }) => onFiles)).toBe(true);
      }
    }),
  );
});

it('exists for any denial', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('/', '/proc/1', '__proto__', ''));
  const any = fc.record({
    blockers: fc.array(fc.oneof(text, fc.constantFrom(...RIGHTS.map((right) => right.name))), { maxLength: 3 }),
    path: text,
    port: fc.nat({ max: 70_000 }),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 5 }), fc.boolean(), fc.boolean(), (parts, generalise, includeGuarded) => {
      const denials = parts.map(({ blockers, path, port }) =>
        denialOf(blockers, { file: { path: `/${path}` }, source: { port }, destination: { ip: path, port } }),
      );
      const { counts } = suggest(denials, { generalise, includeGuarded });
      expect(counts.allowed + counts.withheld + counts.impossible + counts.beyond).toBe(counts.selected);
    }),
    { numRuns: 300 },
  );
});
