// The form of a list of counts in host_hours: JSON, each element a code that was counted once, or [code, count]. A code
// is a row's number or a user's id; of the canary, -1 less that. Far smaller than a row for each, and SQL can read it
// (the views of the migration).

/** Counts by code. */
export type CodeCounts = Map<number, number>;

export function toCode(key: number, isCanary: boolean): number {
  return isCanary ? -1 - key : key;
}

export function keyOfCode(code: number): number {
  return code < 0 ? -1 - code : code;
}

export function packCounts(counts: ReadonlyMap<number, number>): string {
  let text = '';
  for (const [code, count] of counts) {
    if (text !== '') text += ',';
    text += count === 1 ? code : `[${code},${count}]`;
  }
  return `[${text}]`;
}

export function* unpackCounts(packed: string): Generator<readonly [code: number, count: number]> {
  const elements: readonly (number | readonly [number, number])[] = JSON.parse(packed);
  for (const element of elements) yield typeof element === 'number' ? [element, 1] : element;
}

/** The list with `counts` added. */
export function addToPacked(packed: string, counts: ReadonlyMap<number, number>): string {
  const sums: CodeCounts = new Map(unpackCounts(packed));
  for (const [code, count] of counts) sums.set(code, (sums.get(code) ?? 0) + count);
  return packCounts(sums);
}
