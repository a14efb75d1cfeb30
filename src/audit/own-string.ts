// V8 makes a long substring as a view of the text that it was cut from: kept anywhere, it keeps a whole chunk of a
// log alive. What is kept must be a copy.

/** From this length on V8 makes views; shorter substrings are copies already (SlicedString::kMinLength). */
const viewLengthMin = 13;

/** The same text, holding no larger one alive. */
export function ownString(text: string): string {
  // The concatenation is laid out anew when it is cut: the result views a text longer by one character.
  return text.length < viewLengthMin ? text : ` ${text}`.slice(1);
}
