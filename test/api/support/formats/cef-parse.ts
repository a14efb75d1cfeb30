import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';

type KeyRule = readonly [type: 'string' | 'integer' | 'ipv4' | 'ipv6', max?: number];
interface Rules {
  readonly header: Readonly<Record<'vendor' | 'product' | 'version' | 'class' | 'name', number>>;
  readonly keys: Readonly<Record<string, KeyRule>>;
}
const rules: Rules = JSON.parse(readFileSync(new URL('../../../fixtures/export/cef-0.json', import.meta.url), 'utf8'));

export interface CefEvent {
  readonly header: readonly string[];
  readonly extension: ReadonlyMap<string, string>;
}

/** One line as a consumer of CEF:0 reads it. Throws where it breaks the standard. */
export function parseCef(line: string): CefEvent {
  const header: string[] = [];
  let at = 0;
  for (let n = 0; n < 7; n++) {
    const match = /^((?:[^|\\\r\n]|\\[|\\])*)\|/.exec(line.slice(at));
    if (match === null) throw new Error(`no header field ${n} in ${JSON.stringify(line)}`);
    header.push((match[1] ?? '').replace(/\\([|\\])/g, '$1'));
    at += match[0].length;
  }
  const [start, vendor, product, version, eventClass, name, severity] = header;
  if (start !== 'CEF:0' || !/^([0-9]|10)$/.test(severity ?? '')) throw new Error(`header ${header}`);
  const { header: max } = rules;
  for (const [text, most] of [
    [vendor, max.vendor],
    [product, max.product],
    [version, max.version],
    [eventClass, max.class],
    [name, max.name],
  ] as const) {
    if (text === undefined || text === '' || text.length > most) throw new Error(`header field ${text}`);
  }
  return { header, extension: parseExtension(line.slice(at)) };
}

function parseExtension(text: string): ReadonlyMap<string, string> {
  if (/[\r\n]/.test(text)) throw new Error('a line break that is not escaped');
  const pair = /([A-Za-z0-9]+)=((?:[^=\\]|\\[=\\nr])*?)(?: (?=[A-Za-z0-9]+=)|$)/y;
  const values = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    pair.lastIndex = at;
    const [whole, key = '', escaped = ''] = pair.exec(text) ?? [];
    if (whole === undefined) throw new Error(`no pair at ${at} of ${JSON.stringify(text)}`);
    const value = escaped.replace(/\\([=\\nr])/g, (_, c: string) => ({ n: '\n', r: '\r' })[c] ?? c);
    if (values.has(key)) throw new Error(`${key} twice`);
    checkValue(key, value);
    values.set(key, value);
    at = pair.lastIndex;
  }
  for (const key of values.keys()) {
    if (/^(c6a|cs|cn)\d$/.test(key) && !values.has(`${key}Label`)) throw new Error(`${key} without label`);
  }
  return values;
}

function checkValue(key: string, value: string): void {
  const rule = Object.hasOwn(rules.keys, key) ? rules.keys[key] : undefined;
  if (rule === undefined) throw new Error(`${key} is not in the dictionary`);
  const [type, max = Number.POSITIVE_INFINITY] = rule;
  const fits = {
    string: value !== '' && value.length <= max && value.trim() === value,
    integer: /^-?\d+$/.test(value),
    ipv4: isIPv4(value),
    ipv6: isIPv6(value),
  }[type];
  if (!fits) throw new Error(`${key} is no ${type}: ${JSON.stringify(value)}`);
}
