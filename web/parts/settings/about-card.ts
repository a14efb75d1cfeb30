// What this is, and whose work is in the page that the browser runs.
import { el } from '../../dom/el.ts';

const PARTS = [
  ['Trespass', 'Apache-2.0'],
  ['Chart.js', 'MIT, Chart.js contributors'],
  ['@kurkle/color', 'MIT, Jukka Kurkela'],
  ['d3-hierarchy', 'ISC, Mike Bostock'],
] as const;

export function aboutCard(): HTMLElement {
  return el(
    'section',
    { class: 'card', 'aria-label': 'About' },
    el('div', { class: 'card-head' }, el('h2', {}, 'About')),
    el(
      'div',
      { class: 'card-body stack-small' },
      el(
        'p',
        {},
        'Trespass shows what Linux Landlock refused, to whom, why, and what to do about it. This page asks nobody but its own server.',
      ),
      el('h3', {}, 'Licences of this page'),
      el('dl', { class: 'facts' }, ...PARTS.flatMap(([name, licence]) => [el('dt', {}, name), el('dd', {}, licence)])),
      el(
        'p',
        { class: 'quiet' },
        'The texts of the licences are in the file LICENSE and beside each package in node_modules; the server’s own packages are listed in ARCHITECTURE.md.',
      ),
      el('p', {}, el('a', { href: '/api/docs', target: '_blank', rel: 'noopener' }, 'The API, to read and to try')),
    ),
  );
}
