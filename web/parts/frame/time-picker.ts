// The span of time: presets as links, and a panel for anything else, typed. Times are the reader's own, or UTC.

import { el, fill, setText } from '../../dom/el.ts';
import { choosesUtc, chooseUtc } from '../../dom/time-zone.ts';
import { toAddress, type View, without } from '../../state/page-address.ts';
import { boundsOf, PRESET_NAMES, presetWords, shifted } from '../../state/time-range.ts';
import { parseRange, typedTime } from '../../state/typed-time.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { createMenu } from '../blocks/menu.ts';

export interface TimePicker {
  readonly element: HTMLElement;
  update(view: View, nowMs: number): void;
}

export function createTimePicker(formats: TimeFormats, navigate: (view: View) => void): TimePicker {
  let view: View | undefined;
  const presets = el('nav', { class: 'ranges', 'aria-label': 'Time range' });
  const button = el('button', { class: 'range range-other', type: 'button' }, 'Other…');
  const from = timeField('now-3d, 14:05, 2026-03-01 …');
  const to = timeField('now');
  const utc = el('p', { class: 'quiet time-utc' });
  const mistake = el('p', { class: 'query-mistake', role: 'alert' });
  const earlier = el('a', { class: 'button', title: 'The time before, of the same length: [' }, '← Earlier');
  const later = el('a', { class: 'button', title: 'The time after: ]' }, 'Later →');
  const form = el(
    'form',
    { class: 'time-form' },
    el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'From'), from),
    el('label', { class: 'field' }, el('span', { class: 'field-name' }, 'To'), to),
    utc,
    mistake,
    el(
      'div',
      { class: 'button-row' },
      el('button', { class: 'button button-main', type: 'submit' }, 'Show'),
      earlier,
      later,
    ),
    zoneChoice(),
  );
  const menu = createMenu('Another time', button, form);
  const typed = () => parseRange(from.value, to.value, Date.now());
  const tell = (): void => {
    const range = typed();
    const bounds = range && boundsOf(range, Date.now());
    setText(
      utc,
      bounds === undefined
        ? ''
        : `${formatUtc(bounds.fromMs).slice(0, 16)} – ${formatUtc(bounds.toMs).slice(0, 16)} UTC`,
    );
    setText(mistake, '');
  };
  form.addEventListener('input', tell);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const range = typed();
    if (range === undefined || view === undefined) {
      setText(
        mistake,
        'Not understood, or it ends before it begins. Try 3d, 14:05, yesterday 9:30 or 2026-03-01 10:00.',
      );
      return;
    }
    menu.close();
    navigate({ ...without(view, 'denial'), range });
  });
  menu.panel.addEventListener('beforetoggle', (event) => {
    if (view !== undefined && event instanceof ToggleEvent && event.newState === 'open') {
      const { fromMs, toMs } = boundsOf(view.range, Date.now());
      from.value = view.range.kind === 'relative' ? `now-${view.range.preset}` : typedTime(fromMs, choosesUtc());
      to.value = view.range.kind === 'relative' ? 'now' : typedTime(toMs, choosesUtc());
      tell();
    }
  });
  for (const link of [earlier, later]) {
    link.addEventListener('click', () => menu.close());
  }
  return {
    element: el('div', { class: 'time-picker' }, presets, menu.element),
    update(next, nowMs) {
      view = next;
      const rest = without(next, 'denial');
      fill(presets, ...presetLinks(rest));
      const isPreset = next.range.kind === 'relative' && PRESET_NAMES.some((name) => name === spanOf(next));
      setText(button, isPreset ? 'Other…' : rangeWords(next, nowMs, formats));
      button.dataset.chosen = String(!isPreset);
      earlier.href = toAddress({ ...rest, range: shifted(rest.range, -1, nowMs) });
      later.href = toAddress({ ...rest, range: shifted(rest.range, 1, nowMs) });
    },
  };
}

function spanOf({ range }: View): string | undefined {
  return range.kind === 'relative' ? range.preset : undefined;
}

function rangeWords({ range }: View, nowMs: number, formats: TimeFormats): string {
  return range.kind === 'relative'
    ? `last ${presetWords(range.preset)}`
    : `${formats.short(range.fromMs, nowMs)} – ${formats.short(range.toMs, nowMs)}`;
}

function presetLinks(view: View): readonly HTMLElement[] {
  return PRESET_NAMES.map((preset) =>
    el(
      'a',
      {
        class: 'range',
        href: toAddress({ ...view, range: { kind: 'relative', preset } }),
        title: `Last ${presetWords(preset)}`,
        'aria-current': spanOf(view) === preset && 'true',
      },
      preset,
    ),
  );
}

function timeField(placeholder: string): HTMLInputElement {
  return el('input', { class: 'field-input', type: 'text', placeholder, spellcheck: 'false', autocomplete: 'off' });
}

function zoneChoice(): HTMLElement {
  const box = el('input', { type: 'checkbox' });
  box.checked = choosesUtc();
  box.addEventListener('change', () => {
    chooseUtc(box.checked);
    location.reload();
  });
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return el('label', { class: 'field-check' }, box, `Show times in UTC instead of ${timeZone}`);
}
