// Lines of CSV (RFC 4180) that a spreadsheet may open: text that it would take for a formula is marked as text
// (https://owasp.org/www-community/attacks/CSV_Injection), and characters that do not show are shown.
import { escapeTerminal } from '../../runtime/terminal-text.ts';

/** Numbers are ours and stay numbers, also negative ones. */
export type CsvField = string | number | boolean | undefined;

// Also behind blanks, which some programs cut, and as the full-width forms that some take for the same.
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;
const NEEDS_QUOTES = /[",;\s]/;

/** One line with CRLF. A text that looks like a formula gets an apostrophe before it. */
export function toCsvLine(fields: readonly CsvField[]): string {
  return `${fields.map(toField).join(',')}\r\n`;
}

function toField(field: CsvField): string {
  if (field === undefined) return '';
  if (typeof field !== 'string') return String(field);
  const text = `${FORMULA.test(field) ? "'" : ''}${escapeTerminal(field)}`;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
