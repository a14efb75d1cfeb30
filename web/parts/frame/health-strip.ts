// The strip of facts that says how far the numbers may be believed. Each has a sign, words and a sentence as
// tooltip; the level is never told by colour alone.
import { el, fill } from '../../dom/el.ts';
import { icon } from '../../dom/icon.ts';
import type { HealthFact, Level } from '../../state/health-facts.ts';
import { escapeOdd } from '../../text/visible-text.ts';

const LEVEL_WORDS: Readonly<Record<Level, string>> = { ok: 'good', info: '', warn: 'warning', fail: 'failure' };

export interface HealthStrip {
  readonly element: HTMLElement;
  update(facts: readonly HealthFact[]): void;
}

export function createHealthStrip(): HealthStrip {
  const list = el('ul', { class: 'health', 'aria-busy': 'true' });
  fill(list, ...['Collector', 'Kernel audit', 'Canary', 'Records received', 'Malformed', 'Lost'].map(waitingBox));
  let last = '';
  return {
    element: el('section', { 'aria-label': 'Health' }, list),
    update(facts) {
      const key = JSON.stringify(facts);
      if (key !== last) {
        last = key;
        list.removeAttribute('aria-busy');
        fill(list, ...facts.map(factBox));
      }
    },
  };
}

function factBox(fact: HealthFact): HTMLElement {
  const level = LEVEL_WORDS[fact.level];
  return el(
    'li',
    {
      class: 'health-fact',
      'data-level': fact.level,
      'data-fact': fact.key,
      title: fact.title === undefined ? undefined : escapeOdd(fact.title),
    },
    el('span', { class: 'health-sign' }, icon(fact.level)),
    el('span', { class: 'health-name' }, fact.name),
    el(
      'span',
      { class: 'health-value' },
      fact.value,
      fact.note !== undefined && el('span', { class: 'health-note' }, ` ${escapeOdd(fact.note)}`),
      level !== '' && el('span', { class: 'off-screen' }, ` (${level})`),
    ),
  );
}

function waitingBox(name: string): HTMLElement {
  return el(
    'li',
    { class: 'health-fact' },
    el('span', { class: 'health-sign' }),
    el('span', { class: 'health-name' }, name),
    el('span', { class: 'health-value quiet' }, '…'),
  );
}
