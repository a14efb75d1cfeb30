/** The rows of a CSV text by the grammar of RFC 4180, in which nothing may be left over. Throws where it does not fit. */
export function parseCsv(text: string, lineEnd = '\r\n'): string[][] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))/y;
  let at = 0;
  let row: string[] = [];
  while (at < text.length) {
    field.lastIndex = at;
    const match = field.exec(text);
    if (match === null) throw new Error(`no field at ${at}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    at = field.lastIndex;
    if (text[at] === ',') {
      at++;
    } else if (text.startsWith(lineEnd, at)) {
      rows.push(row);
      row = [];
      at += lineEnd.length;
    } else {
      throw new Error(`neither comma nor end of line at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
    }
  }
  if (row.length > 0) throw new Error('the last line has no end');
  return rows;
}
