// What `trespass why` is asked about: which of the four it is, and the query that finds its denials.
import { dirname, resolve } from 'node:path';
import { findAccount } from '../../runtime/privileges.ts';

export const SUBJECT_KINDS = ['program', 'pid', 'path', 'user'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export interface Subject {
  readonly kind: SubjectKind;
  /** As asked; a path is absolute. */
  readonly text: string;
  /** In the language of --query. */
  readonly query: string;
  /** A user's number. */
  readonly uid?: number;
}

const PID = /^[1-9]\d{0,9}$/;

/** Which kind it is, where `kind` does not say so. */
export function readSubject(text: string, kind: SubjectKind | undefined, cwd: string): Subject {
  const account = kind === undefined || kind === 'user' ? accountOf(text) : undefined;
  const guessed = kind ?? guess(text, account !== undefined);
  switch (guessed) {
    case 'pid':
      return { kind: guessed, text, query: `pid:${PID.test(text) ? text : 0}` };
    case 'path': {
      const path = resolve(cwd, text);
      return { kind: guessed, text: path, query: pathQuery(path) };
    }
    case 'user': {
      const uid = account?.uid;
      return uid === undefined
        ? { kind: guessed, text, query: `user:${quoted(text)}` }
        : { kind: guessed, text, query: `uid:${uid}`, uid };
    }
    case 'program':
      return { kind: guessed, text, query: programQuery(text) };
  }
}

function guess(text: string, isAccount: boolean): SubjectKind {
  if (PID.test(text)) return 'pid';
  if (text.includes('/')) return 'path';
  return isAccount ? 'user' : 'program';
}

function accountOf(text: string): { readonly uid: number } | undefined {
  return PID.test(text) || text.includes('/') ? undefined : findAccount(text);
}

/**
 * What was refused on the path or below it, and to the program that it may be. For what is made, removed or moved the
 * kernel names the directory alone.
 */
function pathQuery(path: string): string {
  const below = `path:${quoted(path === '/' ? '' : path).slice(0, -1)}/*"`;
  const inParent = `(path:${quoted(dirname(path))} and (blocker:fs.make_* or blocker:fs.remove_* or blocker:fs.refer))`;
  return `path:${quoted(path)} or ${below} or ${inParent} or program:${quoted(path)}`;
}

function programQuery(name: string): string {
  const inFolders = `program:"*/${quoted(name).slice(1)}`;
  return `${inFolders} or program:${quoted(name)} or comm:${quoted(name)}`;
}

/** A value that stands for itself. */
function quoted(text: string): string {
  return `"${text.replace(/["\\*]/g, '\\$&')}"`;
}
