// Denials for tests of suggestions: any blockers on any object.
import type { Denial } from '../../../src/landlock/document.ts';
import { sampleDenial } from '../../support/sample-documents.ts';

type Parts = Partial<Pick<Denial, 'file' | 'source' | 'destination' | 'process'>>;

export function denialOf(blockers: readonly string[], parts: Parts = {}, n = 1): Denial {
  const { file: _file, ...rest } = sampleDenial(n);
  return { ...rest, ...parts, landlock: { ...rest.landlock, blockers } };
}

export function onPath(path: string, blockers: readonly string[], n = 1): Denial {
  return denialOf(blockers, { file: { path } }, n);
}

/** A rename, as its two records. */
export function renamed(from: string, to: string, what: 'file' | 'dir', n = 1): readonly Denial[] {
  const make = what === 'file' ? 'fs.make_reg' : 'fs.make_dir';
  return [onPath(from, [`fs.remove_${what}`, 'fs.refer'], n), onPath(to, [make, 'fs.refer'], n)];
}
