// Paths as the kernel has them: bytes, of which nobody says that they are UTF-8. Kept as strings with one character a
// byte (U+0000 to U+00FF), as the audit format is read.
import { Buffer } from 'node:buffer';
import { textOf } from '../../audit/byte-text.ts';
import { shown } from '../phrase.ts';

/** A path, one character a byte. */
export type BytePath = string;

/** The bytes of a path of a denial. */
export function bytesOfPath(file: { readonly path: string; readonly path_raw?: string }): BytePath {
  const bytes = file.path_raw === undefined ? Buffer.from(file.path, 'utf8') : Buffer.from(file.path_raw, 'base64');
  return bytes.toString('latin1');
}

/** The path as text; undefined where its bytes are no UTF-8. */
export function textOfPath(path: BytePath): string | undefined {
  const text = textOf(path);
  return Buffer.from(text, 'utf8').toString('latin1') === path ? text : undefined;
}

/** The path for people: what does not show is written as `\u{a}`, bytes that are no UTF-8 as U+FFFD. */
export function shownPath(path: BytePath): string {
  return shown(textOf(path));
}

/** Whether `path` is `directory` or lies beneath it, by its name. */
export function isWithin(path: BytePath, directory: BytePath): boolean {
  if (path === directory || directory === '/') return true;
  return path.startsWith(directory) && path.charAt(directory.length) === '/';
}

/** The directory that a path lies in; that of `/` is itself. */
export function parentOf(path: BytePath): BytePath {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}
