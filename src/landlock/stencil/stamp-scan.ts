// `SECONDS.MMM:SERIAL` in the bytes of a log, as strictly as the kernel writes it; all records of an event have the same.

/** Bytes are looked at by two, four and eight: so many behind the last must be there, and be NUL. */
export const slackBytes = 16;

export class StampScan {
  /** What is scanned. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where what is scanned ends; behind it stand NULs ({@link slackBytes}). */
  bytesEnd = 0;
  seconds = 0;
  millis = 0;
  serial = 0;
  /** Where `SECONDS.MMM` and the serial stand, for the first line. */
  stampStart = 0;
  serialStart = 0;
  serialEnd = 0;

  /** Reads the stamp that starts at `start`; false where it is another. */
  readStamp(start: number): boolean {
    const { bytes } = this;
    let at = start;
    let seconds = 0;
    let digit = (bytes[at] ?? 0) - 48;
    if (digit === 0) return false;
    while (digit >= 0 && digit <= 9) {
      seconds = seconds * 10 + digit;
      digit = (bytes[++at] ?? 0) - 48;
    }
    if (at === start || at - start > 11 || bytes[at] !== 46) return false;
    const a = (bytes[at + 1] ?? 0) - 48;
    const b = (bytes[at + 2] ?? 0) - 48;
    const c = (bytes[at + 3] ?? 0) - 48;
    if (a < 0 || a > 9 || b < 0 || b > 9 || c < 0 || c > 9 || bytes[at + 4] !== 58) return false;
    const serialStart = at + 5;
    at = serialStart;
    let serial = 0;
    digit = (bytes[at] ?? 0) - 48;
    if (digit === 0) return false;
    while (digit >= 0 && digit <= 9) {
      serial = serial * 10 + digit;
      digit = (bytes[++at] ?? 0) - 48;
    }
    if (at === serialStart || serial > 0xffff_ffff) return false;
    this.seconds = seconds;
    this.millis = a * 100 + b * 10 + c;
    this.serial = serial;
    this.stampStart = start;
    this.serialStart = serialStart;
    this.serialEnd = at;
    return true;
  }

  /** Whether the same stamp stands at `start`. */
  protected isSameStamp(start: number): boolean {
    const { bytes } = this;
    const shift = start - this.stampStart;
    // The serial differs from that of other events in its last digits.
    for (let at = this.serialEnd - 1; at >= this.stampStart; at--) if (bytes[at] !== bytes[at + shift]) return false;
    return true;
  }
}
