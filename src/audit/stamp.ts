// The `audit(SECONDS.MMM:SERIAL): ` that opens every record (kernel/audit.c, audit_log_start). A hand-written
// scanner, because this runs for every record of every source. What follows the stamp is left to others.

import { ownString } from './own-string.ts';

/** The latest time that has an RFC 3339 form: the end of the year 9999, in seconds. */
const secondsMax = 253_402_300_799;
const serialMax = 0xffff_ffff;

const DIGIT_0 = 48;
const OPEN = 'audit(';

/** A scanned stamp. One object is reused for all scans: copy what you keep. */
export interface Stamp {
  seconds: number;
  millis: number;
  serial: number;
  /** Where the body starts: after the colon and at most one space. */
  bodyStart: number;
}

const scanned: Stamp = { seconds: 0, millis: 0, serial: 0, bodyStart: 0 };
/** The characters that `scanned` was read from, up to the colon: the records of one event have the same. */
let scannedText = 'none';

/**
 * Scans the stamp that starts at `start`. Null if there is none. The kernel writes three digits of milliseconds;
 * one or two are taken as the fraction that they are.
 */
export function scanStamp(text: string, start: number): Stamp | null {
  const end = start + scannedText.length;
  // Compared as a whole: startsWith goes character by character.
  if (text.substring(start, end) === scannedText) {
    scanned.bodyStart = text.charCodeAt(end) === 32 ? end + 1 : end;
    return scanned;
  }
  if (!text.startsWith(OPEN, start)) return null;
  let at = start + OPEN.length;
  let seconds = 0;
  let digit = text.charCodeAt(at) - DIGIT_0;
  const secondsStart = at;
  while (digit >= 0 && digit <= 9) {
    seconds = seconds * 10 + digit;
    digit = text.charCodeAt(++at) - DIGIT_0;
  }
  if (at === secondsStart || seconds > secondsMax || text.charCodeAt(at) !== 46) return null;
  const millisStart = ++at;
  let millis = 0;
  digit = text.charCodeAt(at) - DIGIT_0;
  while (digit >= 0 && digit <= 9) {
    millis = millis * 10 + digit;
    digit = text.charCodeAt(++at) - DIGIT_0;
  }
  const places = at - millisStart;
  if (places < 1 || places > 3 || text.charCodeAt(at) !== 58) return null;
  if (places < 3) millis *= places === 1 ? 100 : 10;
  const serialStart = ++at;
  let serial = 0;
  digit = text.charCodeAt(at) - DIGIT_0;
  while (digit >= 0 && digit <= 9) {
    serial = serial * 10 + digit;
    digit = text.charCodeAt(++at) - DIGIT_0;
  }
  if (at === serialStart || serial > serialMax) return null;
  if (text.charCodeAt(at) !== 41 || text.charCodeAt(at + 1) !== 58) return null;
  at += 2;
  scanned.seconds = seconds;
  scanned.millis = millis;
  scanned.serial = serial;
  scanned.bodyStart = text.charCodeAt(at) === 32 ? at + 1 : at;
  scannedText = ownString(text.substring(start, at));
  return scanned;
}
