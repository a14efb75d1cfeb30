// What every format of the export is: a head, and a piece of text for each denial. Formats are pure and know nothing
// of pages, readers or rights: what they are given is what the one who asked may see.
import type { Denial } from '../../landlock/document.ts';

export interface ExportFormat {
  readonly mediaType: string;
  /** Of the file name, without the leading dot. */
  readonly extension: string;
  /** Goes before the first denial, also where there is none. */
  readonly head: string;
  /** One denial with the end of its line. `version` is that of Trespass. */
  toText(denial: Denial, version: string): string;
}
