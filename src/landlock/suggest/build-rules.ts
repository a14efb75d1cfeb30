// From needs to the least rules that meet all of them: rights of one place together, what a directory above gives already
// left out, and what a move between directories takes besides.
import type { BytePath } from './byte-path.ts';
import { isWithin } from './byte-path.ts';
import type { Move, Place } from './gather.ts';
import type { PathNeed } from './needs.ts';
import { inOrder, type Right } from './rights.ts';
import {
  gainedByMove,
  isMoveAllowed,
  isPathAllowed,
  isPortAllowed,
  type Rule,
  type Ruleset,
  rulesetOf,
} from './rules.ts';

/** A rule in the making, with the needs that it is for. */
export interface BuiltRule {
  readonly rule: Rule;
  readonly places: readonly Place[];
  /** Rights that no denial asked for, which a move to another directory takes. */
  readonly forMoves: readonly Right[];
}

interface Draft {
  readonly kind: 'path' | 'port';
  readonly path: BytePath;
  readonly port: number;
  readonly isDirectory: boolean;
  readonly rights: Set<Right>;
  readonly forMoves: Set<Right>;
  readonly places: Place[];
}

type Drafts = Map<string, Draft>;

function draftAt(drafts: Drafts, kind: Draft['kind'], path: BytePath, port: number, isDirectory: boolean): Draft {
  const key = `${kind}${isDirectory ? 'd' : 'f'}${port} ${path}`;
  const known = drafts.get(key);
  if (known !== undefined) return known;
  const draft: Draft = { kind, path, port, isDirectory, rights: new Set(), forMoves: new Set(), places: [] };
  drafts.set(key, draft);
  return draft;
}

function toRule({ kind, path, port, isDirectory, rights }: Draft): Rule {
  return kind === 'path'
    ? { kind, path, isDirectory, rights: inOrder(rights) }
    : { kind, port, rights: inOrder(rights) };
}

function draftPlaces(places: readonly Place[], standIns: ReadonlyMap<BytePath, BytePath>): Drafts {
  const drafts: Drafts = new Map();
  for (const place of places) {
    const { need } = place;
    const draft =
      need.kind === 'port'
        ? draftAt(drafts, 'port', '', need.port, false)
        : draftAt(drafts, 'path', standIns.get(need.path) ?? need.path, 0, need.isDirectory || standIns.has(need.path));
    for (const right of need.rights) draft.rights.add(right);
    draft.places.push(place);
  }
  return drafts;
}

/** What is moved may gain no right: whatever a rule gives in the one directory is given in the other too. */
function addForMoves(drafts: Drafts, moves: readonly Move[]): void {
  let isSettled = moves.length === 0;
  while (!isSettled) {
    isSettled = true;
    for (const { from, to, isDirectoryMoved } of moves) {
      const ruleset = rulesetOf([...drafts.values()].map(toRule));
      for (const right of gainedByMove(ruleset, from.path, to.path, isDirectoryMoved)) {
        const draft = draftAt(drafts, 'path', from.path, 0, true);
        draft.rights.add(right);
        draft.forMoves.add(right);
        isSettled = false;
      }
    }
  }
}

/** Takes out what a directory above gives already. */
function reduce(drafts: Drafts): void {
  const above = [...drafts.values()].filter(({ kind, isDirectory }) => kind === 'path' && isDirectory);
  for (const draft of drafts.values()) {
    if (draft.kind !== 'path') continue;
    const covering = above.filter(({ path }) => path !== draft.path && isWithin(draft.path, path));
    for (const right of [...draft.rights]) {
      if (covering.some(({ rights }) => rights.has(right))) draft.rights.delete(right);
    }
  }
}

/** The rules for `places`. `standIns`: directories in place of paths. */
export function buildRules(
  places: readonly Place[],
  moves: readonly Move[],
  standIns: ReadonlyMap<BytePath, BytePath>,
): readonly BuiltRule[] {
  const drafts = draftPlaces(places, standIns);
  addForMoves(drafts, moves);
  reduce(drafts);
  return [...drafts.values()]
    .filter(({ rights }) => rights.size > 0)
    .map((draft) => ({ rule: toRule(draft), places: draft.places, forMoves: inOrder(draft.forMoves) }))
    .sort(byPlace);
}

function byPlace({ rule: one }: BuiltRule, { rule: other }: BuiltRule): number {
  if (one.kind !== other.kind) return one.kind === 'path' ? -1 : 1;
  if (one.kind === 'port' || other.kind === 'port')
    return (one as { port: number }).port - (other as { port: number }).port;
  return one.path < other.path ? -1 : one.path > other.path ? 1 : 0;
}

/** Whether these rules let pass what `need` is about. */
export function isMet(ruleset: Ruleset, need: Place['need']): boolean {
  return need.kind === 'path'
    ? need.rights.every((right) => isPathAllowed(ruleset, need.path, right))
    : need.rights.every((right) => isPortAllowed(ruleset, need.port, right));
}

/** Whether these rules let a move pass. */
export function isMoveMet(ruleset: Ruleset, { from, to, isDirectoryMoved }: Move): boolean {
  const isOf = (need: PathNeed) => isMet(ruleset, need);
  return isOf(from) && isOf(to) && isMoveAllowed(ruleset, from.path, to.path, isDirectoryMoved);
}
