// What makes denials one issue: the same program, blockers, kind of object, and path, port or name, of which what
// changes from time to time is left out.
import type { Denial } from '../landlock/document.ts';
import { idOfText } from '../landlock/event-id.ts';

/** `fingerprint` is the issue's identity on every host; it is made of the other members and the program. */
export interface IssuePrint {
  readonly version: number;
  readonly fingerprint: string;
  /** Sorted. */
  readonly blockers: readonly string[];
  readonly kind: string;
  /** Of the path, or the port, or the target's name. */
  readonly template?: string;
  readonly rule?: string;
}

/** A change of what a fingerprint is made of makes other issues of the same denials. */
const VERSION = 1;

/** The issue's template; undefined where the object has neither path nor port nor name. */
export function templateOf(doc: Denial): string | undefined {
  const port = doc.destination?.port ?? doc.source?.port;
  const text = doc.file?.path ?? doc.landlock.object.name ?? doc.landlock.target?.process.name;
  return text?.replace(/\d{4,}/g, '*') ?? (port === undefined ? undefined : String(port));
}

export function issuePrintOf(doc: Denial): IssuePrint {
  const blockers = [...doc.landlock.blockers].sort();
  const { kind } = doc.landlock.object;
  const template = templateOf(doc);
  const fingerprint = idOfText(JSON.stringify([VERSION, doc.process?.executable, blockers, kind, template]));
  return { version: VERSION, fingerprint, blockers, kind, ...(template === undefined ? {} : { template }) };
}
