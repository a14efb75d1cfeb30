// A log that says the same several times.

const STAMP = /audit\((\d+)(\.\d+):(\d+)\)/g;

/** The same log several times, each later than the one before: a kind of event is only known when it comes again. */
export function repeatedLog(log: string, times: number): string {
  const parts: string[] = [];
  for (let time = 0; time < times; time++) {
    parts.push(
      log.replaceAll(
        STAMP,
        (_all, seconds: string, millis: string, serial: string) =>
          `audit(${Number(seconds) + time * 1000}${millis}:${Number(serial) + time * 100_000})`,
      ),
    );
  }
  return parts.join('');
}
