// The captures in test/fixtures/captures, and what is known to be true of them.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));

export interface TruthDomain {
  readonly label: string;
  readonly id: string | null;
  readonly pid: number;
  readonly uid: number;
  readonly access_records?: number;
  readonly dealloc?: { readonly denials: number; readonly event: number } | null;
}

export interface TruthOperation {
  readonly pid: number;
  readonly comm: string;
  readonly expect: readonly { readonly domain: string; readonly blockers: string; readonly path?: string }[] | null;
  readonly logged: boolean | null;
  readonly events: readonly number[];
}

export interface Truth {
  readonly domains: readonly TruthDomain[];
  readonly ops: readonly TruthOperation[];
  readonly summary: { readonly domains_in_log: number; readonly access_records: number };
}

/** Names of the files of a folder that end in `suffix`. */
export function captureNames(folder: string, suffix: string): string[] {
  return readdirSync(`${ROOT}${folder}`)
    .filter((name) => name.endsWith(suffix))
    .toSorted();
}

/** A capture as latin1. */
export function readCapture(name: string): string {
  return readFileSync(`${ROOT}${name}`, 'latin1');
}

export function readTruth(name: string): Truth {
  return JSON.parse(readFileSync(`${ROOT}scenarios/${name}`, 'utf8')) as Truth;
}
