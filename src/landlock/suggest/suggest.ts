// The least rules that would have let some denials pass, what was left out and why, and how far the rules reach beyond
// what was seen.
import type { Denial } from '../document.ts';
import { type BuiltRule, buildRules, isMet, isMoveMet } from './build-rules.ts';
import { type BytePath, shownPath } from './byte-path.ts';
import { type Gathered, gather, type Impossible, type Move, type Place } from './gather.ts';
import { fixedDirectory, generalise } from './generalise.ts';
import { notesOn } from './notes.ts';
import { RIGHTS } from './rights.ts';
import { type Rule, rulesetOf } from './rules.ts';
import { placeText, ruleText, type Tier, verdictOn } from './tiers.ts';

export interface SuggestOptions {
  /** Directories in place of paths that change from run to run, and of several files of one directory. */
  readonly generalise?: boolean;
  /** Also rules that can give away more than it seems. */
  readonly includeGuarded?: boolean;
}

export interface SuggestedRule {
  readonly rule: Rule;
  readonly tier: Exclude<Tier, 'never'>;
  /** Why it is guarded. */
  readonly reason?: string;
  /** Selected denials that it is for. */
  readonly denials: number;
}

/** What was seen, and what a rule gives. */
export interface Difference {
  readonly rule: Rule;
  readonly observed: readonly string[];
  readonly granted: string;
}

/** A need that is not met on purpose. */
export interface Withheld {
  readonly tier: Exclude<Tier, 'normal'>;
  readonly what: string;
  readonly reason: string;
  readonly denials: number;
}

export interface Suggestion {
  /** In the order of their paths, then of their ports. */
  readonly rules: readonly SuggestedRule[];
  /** Where a rule reaches beyond what was seen. */
  readonly differences: readonly Difference[];
  readonly withheld: readonly Withheld[];
  /** What no rule can give, and what would. */
  readonly impossible: readonly Impossible[];
  readonly notes: readonly string[];
  /** The Landlock ABI that the rules need. */
  readonly abi: number;
  readonly counts: {
    readonly selected: number;
    /** Let pass by the rules. */
    readonly allowed: number;
    readonly withheld: number;
    readonly impossible: number;
    /** Not looked at: they are about more places than can be kept. */
    readonly beyond: number;
  };
}

interface Judged {
  readonly accepted: readonly Place[];
  readonly withheld: readonly Withheld[];
}

function ruleOf({ need }: Place): Rule {
  return need.kind === 'path'
    ? { kind: 'path', path: need.path, isDirectory: need.isDirectory, rights: need.rights }
    : { kind: 'port', port: need.port, rights: need.rights };
}

function judge(places: readonly Place[], includeGuarded: boolean): Judged {
  const accepted: Place[] = [];
  const withheld: Withheld[] = [];
  for (const place of places) {
    const { tier, reason = '' } = verdictOn(ruleOf(place), [...place.addresses]);
    if (tier === 'normal' || (tier === 'guarded' && includeGuarded)) accepted.push(place);
    else withheld.push({ tier, what: ruleText(ruleOf(place)), reason, denials: place.denials });
  }
  return { accepted, withheld };
}

/** Paths that were a directory at one time and none at another: a rule for the one would be wrong for the other. */
function ambiguous(places: readonly Place[]): ReadonlySet<BytePath> {
  const kinds = new Map<BytePath, boolean>();
  const both = new Set<BytePath>();
  for (const { need } of places) {
    if (need.kind !== 'path') continue;
    if (kinds.get(need.path) === !need.isDirectory) both.add(need.path);
    kinds.set(need.path, need.isDirectory);
  }
  return both;
}

/** Why a rule on exactly this path would not help the next time. */
function passingReason(path: BytePath, both: ReadonlySet<BytePath>): readonly [string, string] | undefined {
  if (both.has(path))
    return [
      'It was a directory at one time and a file at another: rights for directories cannot be put on a file.',
      'Select the denials of one host or of one time.',
    ];
  if (/^\/proc\/\d+(\/|$)/.test(path))
    return [
      'The path names a process by its number, which is another one the next time.',
      'Ask for general rules (generalise, with those that are guarded), or let the program do without.',
    ];
  return undefined;
}

/** The directories to stand for paths that may stand for them. */
function standInsFor(accepted: readonly Place[], { generalise: isAsked, includeGuarded }: SuggestOptions) {
  if (isAsked !== true) return new Map<BytePath, BytePath>();
  const paths = accepted.map(({ need }) => need).filter((need) => need.kind === 'path');
  const all = generalise(
    paths.map(({ path, isDirectory, rights }) => ({
      path,
      isDirectory,
      rights: rights.map(({ short }) => short).join(),
    })),
  );
  const permitted = new Map(all);
  for (const { path, rights } of paths) {
    const directory = all.get(path);
    if (directory === undefined) continue;
    const { tier } = verdictOn({ kind: 'path', path: directory, isDirectory: true, rights });
    if (directory === '/' || tier === 'never' || (tier === 'guarded' && includeGuarded !== true))
      permitted.delete(path);
  }
  return permitted;
}

interface Split {
  readonly usable: readonly Place[];
  readonly passing: readonly Impossible[];
}

function splitPassing(accepted: readonly Place[], standIns: ReadonlyMap<BytePath, BytePath>): Split {
  const both = ambiguous(accepted);
  const usable: Place[] = [];
  const passing: Impossible[] = [];
  for (const place of accepted) {
    const { need } = place;
    const fault = need.kind === 'path' && !standIns.has(need.path) ? passingReason(need.path, both) : undefined;
    if (fault === undefined) usable.push(place);
    else passing.push({ what: ruleText(ruleOf(place)), reason: fault[0], instead: fault[1], denials: place.denials });
  }
  return { usable, passing };
}

function isRefer({ need }: Place): boolean {
  return need.kind === 'path' && need.rights.some(({ name }) => name === 'fs.refer');
}

/** Moves of which both ends are to be allowed by `places`. */
function movesAmong(moves: readonly Move[], places: readonly Place[]): readonly Move[] {
  const paths = new Set(places.filter(isRefer).map(({ need }) => (need.kind === 'path' ? need.path : '')));
  return moves.filter(({ from, to }) => paths.has(from.path) && paths.has(to.path));
}

const observedMax = 8;

function observedIn({ rule, places }: BuiltRule): readonly string[] {
  const seen = places.flatMap(({ need, addresses }) => {
    if (need.kind === 'path') return [ruleText({ ...need, kind: 'path' })];
    const names = need.rights.map(({ name }) => name).join(', ');
    return addresses.size === 0
      ? [`${names} on port ${need.port}`]
      : [...addresses].map((address) => `${names} on ${address.includes(':') ? `[${address}]` : address}:${need.port}`);
  });
  const distinct = [...new Set(seen)];
  if (distinct.length === 0) return [`a move out of ${rule.kind === 'path' ? shownPath(rule.path) : ''}`];
  const shown = distinct.slice(0, observedMax);
  return distinct.length > observedMax ? [...shown, `and ${distinct.length - observedMax} more`] : shown;
}

function differenceOf(built: BuiltRule): readonly Difference[] {
  const { rule, forMoves } = built;
  const names = rule.rights.map(({ name }) => name).join(', ');
  if (rule.kind === 'port') {
    const granted = `${names} on port ${rule.port} of every address`;
    return [{ rule, observed: observedIn(built), granted }];
  }
  if (!rule.isDirectory) return [];
  const move =
    forMoves.length === 0
      ? ''
      : `; ${forMoves.map(({ name }) => name).join(', ')} only because what is moved to the other directory may gain no right`;
  const granted = `${names} on everything in ${placeText(rule.path, true)}, whatever its name and however deep${move}`;
  return [{ rule, observed: observedIn(built), granted }];
}

function sum(items: readonly { readonly denials: number }[]): number {
  return items.reduce((total, { denials }) => total + denials, 0);
}

function changingNote(rules: readonly Rule[], isGeneral: boolean): readonly string[] {
  if (isGeneral) return [];
  const changing = rules.filter((rule) => rule.kind === 'path' && fixedDirectory(rule.path) !== undefined).length;
  if (changing === 0) return [];
  const what = changing === 1 ? 'One path has a part' : `${changing} paths have parts`;
  return [
    `${what} that may be another the next time, such as a version, a user or a random name: general rules (generalise) take the directory above.`,
  ];
}

interface Parts {
  readonly gathered: Gathered;
  readonly built: readonly BuiltRule[];
  readonly usable: readonly Place[];
  readonly withheld: readonly Withheld[];
  readonly impossible: readonly Impossible[];
}

function assemble({ gathered, built, usable, withheld, impossible }: Parts, options: SuggestOptions): Suggestion {
  const rules = built.map(({ rule }) => rule);
  const ruleset = rulesetOf(rules);
  return {
    rules: built.map(({ rule, places }) => {
      const { tier, reason } = verdictOn(
        rule,
        places.flatMap(({ addresses }) => [...addresses]),
      );
      const guarded = { tier: 'guarded' as const, ...(reason === undefined ? {} : { reason }) };
      return { rule, ...(tier === 'normal' ? { tier } : guarded), denials: sum(places) };
    }),
    differences: built.flatMap(differenceOf),
    withheld,
    impossible,
    notes: [...notesOn(rules, gathered), ...changingNote(rules, options.generalise === true)],
    abi: Math.max(1, ...RIGHTS.filter((right) => ruleset.handled.has(right)).map(({ abi }) => abi)),
    counts: {
      selected: gathered.selected,
      allowed: sum(usable.filter(({ need }) => isMet(ruleset, need))),
      withheld: sum(withheld),
      impossible: sum(impossible),
      beyond: gathered.beyond,
    },
  };
}

/** Rules that a move needs besides may be of a tier that is not asked for: then the move stays refused. */
function unmetMoves(built: readonly BuiltRule[], moves: readonly Move[], options: SuggestOptions): readonly Move[] {
  const refused = new Set(
    built
      .filter(({ rule, forMoves }) => {
        const { tier } = verdictOn(rule);
        return forMoves.length > 0 && (tier === 'never' || (tier === 'guarded' && options.includeGuarded !== true));
      })
      .map(({ rule }) => (rule.kind === 'path' ? rule.path : '')),
  );
  const ruleset = rulesetOf(built.map(({ rule }) => rule));
  return moves.filter((move) => refused.has(move.from.path) || !isMoveMet(ruleset, move));
}

/** The least rules that would have let `denials` pass. Takes any denials, in any order. */
export function suggest(denials: Iterable<Denial>, options: SuggestOptions = {}): Suggestion {
  const gathered = gather(denials);
  const { accepted, withheld: judged } = judge(gathered.places, options.includeGuarded === true);
  const standIns = standInsFor(accepted, options);
  const { usable: all, passing } = splitPassing(accepted, standIns);
  const withheld = [...judged];
  let usable = all;
  let built = buildRules(usable, movesAmong(gathered.moves, usable), standIns);
  for (;;) {
    const unmet = unmetMoves(built, movesAmong(gathered.moves, usable), options);
    if (unmet.length === 0) break;
    const paths = new Set(unmet.flatMap(({ from, to }) => [from.path, to.path]));
    const dropped = usable.filter(
      (place) => isRefer(place) && place.need.kind === 'path' && paths.has(place.need.path),
    );
    withheld.push(
      ...dropped.map(
        (place): Withheld => ({
          tier: 'guarded',
          what: ruleText(ruleOf(place)),
          reason: 'a move between these directories takes rights that are not a matter of course',
          denials: place.denials,
        }),
      ),
    );
    usable = usable.filter((place) => !dropped.includes(place));
    built = buildRules(usable, movesAmong(gathered.moves, usable), standIns);
  }
  const impossible = [...gathered.impossible, ...passing];
  return assemble({ gathered, built, usable, withheld, impossible }, options);
}
