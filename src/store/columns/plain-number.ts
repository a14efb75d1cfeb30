// Numbers that documents write as text.

/** The number that `text` is the usual decimal form of; null where it has another form or is not exact. */
export function plainNumber(text: string | undefined): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 0 && String(number) === text ? number : null;
}
