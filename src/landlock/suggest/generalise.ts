// Rules for more than was seen, only where somebody asks for it: the directory above the part of a path that changes from
// run to run, or the one that several files were wanted from.
import { textOf } from '../../audit/byte-text.ts';
import { pathTemplate } from '../templates/path-template.ts';
import { type BytePath, parentOf } from './byte-path.ts';

/** So many files of one directory, wanted in the same way, stand for the directory. */
const siblingsMin = 3;

/** The directory above the first part of `path` that changes from run to run; undefined where nothing in it does. */
export function fixedDirectory(path: BytePath): BytePath | undefined {
  const { template } = pathTemplate(textOf(path));
  const names = textOf(path).split('/');
  const marked = template.split('/').findIndex((name, at) => name !== names[at]);
  if (marked === -1) return undefined;
  return path.split('/').slice(0, marked).join('/') || '/';
}

/** The directories that stand for paths, by path; those that stand for themselves are left out. */
export function generalise(
  wanted: readonly { readonly path: BytePath; readonly isDirectory: boolean; readonly rights: string }[],
): ReadonlyMap<BytePath, BytePath> {
  const directories = new Map<BytePath, BytePath>();
  const siblings = new Map<string, BytePath[]>();
  for (const { path, isDirectory, rights } of wanted) {
    const fixed = fixedDirectory(path);
    if (fixed !== undefined) directories.set(path, fixed);
    else if (!isDirectory) {
      const key = `${rights} ${parentOf(path)}`;
      siblings.set(key, [...(siblings.get(key) ?? []), path]);
    }
  }
  for (const paths of siblings.values()) {
    if (new Set(paths).size >= siblingsMin) for (const path of paths) directories.set(path, parentOf(path));
  }
  return directories;
}
