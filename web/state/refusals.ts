// What one user was refused, told in as few sentences as possible: the same thing once,
// whichever process, domain and host it was, with how often and when. Pure.
import type { Denial } from '../../src/api/schemas/document.ts';

export interface Refusal {
  /** Of the latest. Holds strings of records. */
  readonly sentence: string;
  /** The latest first. */
  readonly denials: readonly Denial[];
}

/** In the order of the last time; `denials` come newest first. */
export function refusals(denials: readonly Denial[]): readonly Refusal[] {
  const groups = new Map<string, Denial[]>();
  for (const denial of denials) {
    const key = keyOf(denial);
    const group = groups.get(key) ?? [];
    group.push(denial);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({ sentence: group[0]?.event.reason ?? '', denials: group }));
}

/** A program is refused the same thing again in other processes, domains and hosts: the sentence is of the latest. */
function keyOf({ process, landlock, file, source, destination }: Denial): string {
  const { blockers, object, target } = landlock;
  const { path, name } = file ?? {};
  const what = [object, path, name, source, destination, target?.process.name];
  return JSON.stringify([process?.executable ?? process?.name, blockers, what]);
}
