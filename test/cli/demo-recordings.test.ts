import { describe, expect, it } from 'vitest';
import { moveLine, readRecordedLines } from '../../src/cli/demo/recorded-lines.ts';

describe('the recordings', () => {
  const nowMs = Date.UTC(2027, 0, 2, 3, 4, 5, 678);
  const recorded = readRecordedLines(nowMs);

  it('end now, keep their distances, and lose no line', () => {
    const stampOf = (line: string) => /audit\((\d+)\.(\d{3}):/.exec(line)?.slice(1).join('');
    const stamps = recorded.lines.map((line) => Number(stampOf(line)));
    expect(Math.max(...stamps)).toBe(nowMs);
    expect(recorded.recordedAtMs + recorded.movedMs).toBe(nowMs);
    expect(recorded.recordings).toBe(5);
    const unmoved = readRecordedLines(recorded.recordedAtMs);
    expect(unmoved.movedMs).toBe(0);
    expect(unmoved.lines.map((line) => Number(stampOf(line)) + recorded.movedMs)).toEqual(stamps);
  });

  it('hold more than fifty denials', () => {
    expect(recorded.lines.filter((line) => line.startsWith('type=LANDLOCK_ACCESS ')).length).toBeGreaterThan(50);
  });
});

it('moves the stamp of the record, never a text inside of it', () => {
  const line = 'type=SYSCALL msg=audit(1.998:7): comm="type=X" exe="msg=audit(1.998:7):"';
  expect(moveLine(line, 2)).toBe('type=SYSCALL msg=audit(2.000:7): comm="type=X" exe="msg=audit(1.998:7):"');
});
