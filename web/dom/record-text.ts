// Puts a string from a record on the page: every odd character as a marked escape, the rest as text, the whole
// isolated so that letters written right to left do not turn what stands around them.
import { shorten, toPieces } from '../text/visible-text.ts';
import { el } from './el.ts';

/** In tables; the drawer shows the whole. */
const LENGTH_IN_TABLE_MAX = 240;
/** Of one string anywhere: the kernel limits most to 4 KiB, a rogue sender is limited here. */
const LENGTH_MAX = 64 * 1024;

export interface RecordTextOptions {
  readonly class?: string;
  /** The whole text, not only what fits into a table. */
  readonly whole?: boolean;
}

export function recordText(text: string, options: RecordTextOptions = {}): HTMLElement {
  const box = el('bdi', { class: `record-text${options.class === undefined ? '' : ` ${options.class}`}`, dir: 'ltr' });
  appendRecordText(box, shorten(text, options.whole === true ? LENGTH_MAX : LENGTH_IN_TABLE_MAX));
  return box;
}

/** A path in one line: where it is too long, the folders are cut and the last name stays. */
export function recordPath(path: string): HTMLElement {
  const text = shorten(path, LENGTH_IN_TABLE_MAX);
  const cut = text.lastIndexOf('/') + 1;
  if (cut <= 1 || cut === text.length || text.length < path.length) {
    return recordText(path);
  }
  const box = el('bdi', { class: 'record-text path', dir: 'ltr' });
  const folder = el('span', { class: 'path-folder' });
  const name = el('span', { class: 'path-name' });
  appendRecordText(folder, text.slice(0, cut));
  appendRecordText(name, text.slice(cut));
  box.append(folder, name);
  return box;
}

/** For texts of several lines, where a line feed is a line feed: each line by itself. */
export function recordLines(text: string): HTMLElement {
  const box = el('pre', { class: 'record-text', dir: 'ltr', tabindex: 0 });
  shorten(text, LENGTH_MAX)
    .split('\n')
    .forEach((line, index) => {
      if (index > 0) {
        box.append('\n');
      }
      appendRecordText(box, line);
    });
  return box;
}

function appendRecordText(box: Element, text: string): void {
  for (const piece of toPieces(text)) {
    box.append(
      piece.kind === 'plain' ? piece.text : el('span', { class: 'odd-character', title: piece.title }, piece.text),
    );
  }
}
