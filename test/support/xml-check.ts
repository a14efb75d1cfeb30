// Whether a text is well-formed XML, as far as our own reports use it: tags in pairs, attributes quoted and each once,
// the five entities and numbers, no character that XML 1.0 does not have. Answers what is wrong, or undefined.

const NAME = '[A-Za-z_][\\w.-]*';
const TOKEN = new RegExp(`<\\?xml [^?]*\\?>|<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>|([^<]+)`, 'gy');
const ATTRIBUTE = new RegExp(`(${NAME})="([^"]*)"`, 'g');

export function xmlFault(text: string): string | undefined {
  const open: string[] = [];
  let roots = 0;
  let at = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    at = TOKEN.lastIndex;
    const [, slash, name, attributes = '', isEmpty, characters] = match;
    if (characters !== undefined) {
      if (open.length === 0 && characters.trim() !== '') return `text outside of the root: ${characters.trim()}`;
      const fault = textFault(characters);
      if (fault !== undefined) return fault;
    } else if (name !== undefined && slash === '/') {
      if (open.pop() !== name) return `</${name}> closes nothing`;
    } else if (name !== undefined) {
      if (open.length === 0 && ++roots > 1) return 'two roots';
      const names = [...attributes.matchAll(ATTRIBUTE)];
      if (new Set(names.map(([, key]) => key)).size !== names.length) return `an attribute twice in <${name}>`;
      for (const [, , value = ''] of names) {
        const fault = textFault(value);
        if (fault !== undefined) return fault;
      }
      if (isEmpty !== '/') open.push(name);
    }
  }
  if (at !== text.length) return `no XML at ${JSON.stringify(text.slice(at, at + 40))}`;
  if (open.length > 0) return `<${open.at(-1)}> is not closed`;
  return roots === 1 ? undefined : 'no root';
}

function textFault(text: string): string | undefined {
  const stray = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.exec(text);
  if (stray !== null) return `a stray & at ${stray.index}`;
  const odd = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  return odd === null ? undefined : `a character that XML does not have: U+${odd[0].codePointAt(0)?.toString(16)}`;
}
