// Our own shape, one document a line, as GET /denials has it. Characters that do not show are escaped; the value of
// the JSON is the same.
import { toJsonLine } from '../../runtime/terminal-text.ts';
import type { ExportFormat } from './format.ts';

export const ndjson: ExportFormat = {
  mediaType: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  head: '',
  toText: (denial) => `${toJsonLine(denial)}\n`,
};
