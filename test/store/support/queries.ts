// Arbitrary queries about given denials: all fields, with values that they have, parts of these between wildcards, values
// of other fields, and terms that nothing matches.
import fc from 'fast-check';
import type { Denial } from '../../../src/landlock/document.ts';
import { fingerprintOf } from '../../../src/landlock/fingerprint.ts';
import { NUMBER_FIELDS, TEXT_FIELDS, type TextField } from '../../../src/store/query/filter-parse.ts';

type Texts = readonly (string | undefined)[];

const TEXTS_OF: Readonly<Record<TextField, (doc: Denial) => Texts>> = {
  blocker: ({ landlock }) => landlock.blockers,
  path: ({ file, landlock }) => [file?.path, landlock.target?.process.name],
  program: ({ process }) => [process?.executable],
  comm: ({ process }) => [process?.name],
  user: ({ user }) => [user?.id, user?.audit?.id],
  host: ({ host }) => [host.id, host.name],
  fleet: () => ['default'],
  domain: ({ landlock }) => [landlock.domain.id],
  kind: ({ landlock }) => ['denial', landlock.object.kind],
  issue: (doc) => [fingerprintOf(doc).fingerprint],
  unit: ({ systemd }) => ['nginx.service', systemd?.unit, systemd?.user_unit],
  package: ({ package: owner }) => ['nginx', owner?.name, owner && `${owner.name}=${owner.version}`],
};

const HOSTILE = [
  "'; DROP TABLE hosts; --",
  '%',
  '_',
  '?',
  '[',
  '[x]',
  '^',
  '\\',
  '"',
  '__proto__',
  '😀',
  'ETC',
  '*',
  '\ufffd',
  '\uffff',
];
const NUMBERS = [0, 1, 80, 1_000, 65_535, 4_294_967_295, 999_999_999_999_999];

/** Characters that no query may have become wildcards. */
function literal(text: string): string {
  return text.replace(/[\\"*]/g, '\\$&').replace(/[\0\p{Surrogate}]+/gu, '*');
}

/** `text` as a value in quotes: whole, or with wildcards where parts of it were. */
function quotedValue(text: string, cut: readonly [number, number], form: number): string {
  const characters = [...text];
  const places = cut.map((at) => at % (characters.length + 1));
  const [from, to] = [Math.min(...places), Math.max(...places)];
  const part = (first: number, end?: number) => literal(characters.slice(first, end).join(''));
  const forms = [
    part(0),
    `${part(0, to)}*`,
    `*${part(from)}`,
    `*${part(from, to)}*`,
    `${part(0, from)}*${part(to)}`,
    part(from, to),
  ];
  const value = (forms[form] ?? '').replace(/\*(?:(?:[^\\*]|\\.)*\*){8,}/gu, '*');
  return value === '' ? '"*"' : `"${value}"`;
}

/** Queries, also nested ones. Each is understood. */
export function queriesAbout(docs: readonly Denial[]): fc.Arbitrary<string> {
  const present = (texts: Texts) => texts.filter((text) => text !== undefined);
  const every = docs.flatMap((doc) => TEXT_FIELDS.flatMap((field) => present(TEXTS_OF[field](doc))));
  const numbers = docs.flatMap(({ process, source, destination, user }) =>
    [process?.pid, source?.port, destination?.port, Number(user?.id)].filter(
      (n) => n !== undefined && Number.isSafeInteger(n) && n >= 0 && n < 1e15,
    ),
  ) as number[];
  const cut = fc.tuple(fc.nat(40), fc.nat(40));
  const form = fc.nat(5);
  const ofField = fc.constantFrom(...TEXT_FIELDS).chain((field) => {
    const own = docs.flatMap((doc) => present(TEXTS_OF[field](doc)));
    const text = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...own) },
      { weight: 1, arbitrary: fc.constantFrom(...every) },
      { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
    );
    return fc.tuple(text, cut, form).map((parts) => `${field}:${quotedValue(...parts)}`);
  });
  const anywhere = fc
    .tuple(fc.constantFrom(...every, ...HOSTILE), cut, form, fc.boolean())
    .map(([text, where, how, isLoud]) => quotedValue(isLoud ? text.toUpperCase() : text, where, how));
  const ofNumber = fc
    .tuple(
      fc.constantFrom(...NUMBER_FIELDS),
      fc.constantFrom(':', '=', '>', '>=', ':<', '<='),
      fc.constantFrom(...numbers, ...NUMBERS),
      fc.integer({ min: -1, max: 1 }),
    )
    .map(([field, operator, n, by]) => `${field}${operator}${Math.min(Math.max(0, n + by), 999_999_999_999_999)}`);
  const term = fc.oneof({ weight: 4, arbitrary: ofField }, anywhere, ofNumber);
  return fc.letrec<{ query: string }>((tie) => ({
    query: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      term,
      tie('query').map((inner) => `not (${inner})`),
      fc
        .tuple(tie('query'), fc.constantFrom(' ', ' and ', ' or '), tie('query'))
        .map(([one, operator, other]) => `(${one}${operator}${other})`),
    ),
  })).query;
}
