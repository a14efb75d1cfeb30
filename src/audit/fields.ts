// Cuts a record's body into `name=value` fields, in order. Values stay as the kernel wrote them; what they mean is
// decided by name, by others. Never throws: what is no field becomes one without a name.

/** One field as written. `name` is empty for text that is no field. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** More fields than the kernel ever writes into one record; the rest of a longer body is left out. */
export const fieldsMax = 256;

const QUOTE = 34;
const SPACE = 32;
const EQUALS = 61;
const ENRICHED_NAME = /^[A-Z_]+$/;

function endOfWord(text: string, start: number): number {
  const end = text.indexOf(' ', start);
  return end === -1 ? text.length : end;
}

/**
 * The fields of a body. A quoted value ends at the next quote (the kernel never escapes one). Undefined if a quoted
 * value does not end. Upper-case names are an interpretation that some forwarder appended with a blank: the cut is
 * there. A word without `=` belongs to the unquoted value before it (`subj=profile (enforce)`).
 */
export function readFields(text: string): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < text.length && fields.length < fieldsMax) {
    if (text.charCodeAt(at) === SPACE) {
      at++;
      continue;
    }
    let nameEnd = at;
    while (nameEnd < text.length) {
      const code = text.charCodeAt(nameEnd);
      if (code === EQUALS || code === SPACE || code === QUOTE) break;
      nameEnd++;
    }
    if (nameEnd === at || text.charCodeAt(nameEnd) !== EQUALS) {
      const end = endOfWord(text, at);
      addWord(fields, text.slice(at, end));
      at = end;
      continue;
    }
    const name = text.slice(at, nameEnd);
    if (ENRICHED_NAME.test(name)) break;
    const start = nameEnd + 1;
    let end: number;
    if (text.charCodeAt(start) === QUOTE) {
      end = text.indexOf('"', start + 1) + 1;
      if (end === 0) return undefined;
    } else {
      end = endOfWord(text, start);
    }
    fields.push({ name, value: text.slice(start, end) });
    at = end;
  }
  return fields;
}

function addWord(fields: Field[], word: string): void {
  const last = fields.at(-1);
  if (last !== undefined && last.name !== '' && !last.value.startsWith('"')) {
    fields[fields.length - 1] = { name: last.name, value: `${last.value} ${word}` };
  } else {
    fields.push({ name: '', value: word });
  }
}
