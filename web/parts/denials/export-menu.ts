// What the page shows, taken along: as a file in the formats of other programs, as a link, a request or a command.
import { el, fill } from '../../dom/el.ts';
import { listTexts } from '../../state/copy-texts.ts';
import type { View } from '../../state/page-address.ts';
import { scopeParameters } from '../../state/request-parameters.ts';
import { createMenu } from '../blocks/menu.ts';
import { copyButton } from '../blocks/states.ts';

export interface ExportMenu {
  readonly element: HTMLElement;
  update(view: View): void;
}

const FORMATS = [
  ['csv', 'CSV', 'safe to open as a spreadsheet'],
  ['ndjson', 'NDJSON', 'one document a line, as the API has it'],
  ['ecs', 'ECS', 'Elastic Common Schema 8.11'],
  ['ocsf', 'OCSF', 'Open Cybersecurity Schema 1.7'],
  ['cef', 'CEF', 'Common Event Format'],
  ['auparse-csv', 'auparse CSV', 'the columns of ausearch'],
] as const;

export function createExportMenu(): ExportMenu {
  const files = el('ul', { class: 'menu-list' });
  let view: View | undefined;
  const texts = () => (view === undefined ? undefined : listTexts(view, location.origin));
  const menu = createMenu(
    'Export',
    el('button', { class: 'button', type: 'button' }, 'Export'),
    el('p', { class: 'menu-title' }, 'All denials of this view, as a file'),
    files,
    el('p', { class: 'menu-title' }, 'Copy this view as'),
    el(
      'div',
      { class: 'menu-buttons' },
      copyButton(() => texts()?.link ?? '', 'Link'),
      copyButton(() => texts()?.curl ?? '', 'curl'),
      copyButton(() => texts()?.command ?? '', 'Command'),
    ),
  );
  return {
    element: menu.element,
    update(next) {
      view = next;
      const search = scopeParameters(next).map(([name, value]) => [name, value]);
      fill(files, ...FORMATS.map(([format, title, note]) => fileItem(search, format, title, note)));
    },
  };
}

function fileItem(search: readonly (readonly string[])[], format: string, title: string, note: string): HTMLElement {
  const parameters = new URLSearchParams([
    ['format', format],
    ...search.map(([name = '', value = '']) => [name, value]),
  ]);
  return el(
    'li',
    {},
    el(
      'a',
      { class: 'menu-item', href: `/api/v1/denials/export?${parameters}`, download: true },
      el('span', { class: 'menu-name' }, title),
      el('span', { class: 'quiet' }, note),
    ),
  );
}
