// Sentences repeat but for the names and numbers in them. The template has marks (U+0001 …) in their place, so that
// thousands of denials share one stored sentence; filling the marks in gives back the very same text.

/** As many values as there are marks. Empty ones have no mark. */
export type Fillings = readonly (string | undefined)[];

const marksMax = 8;

/** The template of `sentence`, or undefined where it already contains a character that is a mark. */
export function toTemplate(sentence: string, fillings: Fillings): string | undefined {
  for (let i = 0; i < sentence.length; i++) {
    const code = sentence.charCodeAt(i);
    if (code >= 1 && code <= marksMax) return undefined;
  }
  let template = sentence;
  for (let i = 0; i < fillings.length; i++) {
    const value = fillings[i];
    if (value === undefined || value === '') continue;
    const at = template.indexOf(value);
    if (at >= 0) template = template.slice(0, at) + String.fromCharCode(i + 1) + template.slice(at + value.length);
  }
  return template;
}

/** The sentence of a template that `toTemplate` made with the same fillings. */
export function fromTemplate(template: string, fillings: Fillings): string {
  let sentence = '';
  let from = 0;
  for (let i = 0; i < template.length; i++) {
    const code = template.charCodeAt(i);
    if (code < 1 || code > marksMax) continue;
    sentence += template.slice(from, i) + (fillings[code - 1] ?? '');
    from = i + 1;
  }
  return sentence + template.slice(from);
}

/** A template in pieces: text, and marks as their numbers. */
export type CompiledTemplate = readonly (string | number)[];

export function compileTemplate(template: string): CompiledTemplate {
  const pieces: (string | number)[] = [];
  let from = 0;
  for (let i = 0; i < template.length; i++) {
    const code = template.charCodeAt(i);
    if (code < 1 || code > marksMax) continue;
    if (i > from) pieces.push(template.slice(from, i));
    pieces.push(code - 1);
    from = i + 1;
  }
  if (from < template.length) pieces.push(template.slice(from));
  return pieces;
}

/** Whether `fromTemplate` would give `sentence`. `fillingOf` answers the value of a mark. */
export function fitsTemplate(
  template: CompiledTemplate,
  sentence: string,
  fillingOf: (index: number) => string | undefined,
): boolean {
  let at = 0;
  for (const piece of template) {
    const text = typeof piece === 'string' ? piece : (fillingOf(piece) ?? '');
    if (!sentence.startsWith(text, at)) return false;
    at += text.length;
  }
  return at === sentence.length;
}
