// The header: mark, time range, live indicator, theme, sign-out. Says what was clicked; decides nothing itself.
import { el, fill, setText } from '../../dom/el.ts';
import { icon, mark } from '../../dom/icon.ts';
import { chooseTheme, currentTheme, type Theme } from '../../dom/theme.ts';
import type { LiveState } from '../../net/live-stream.ts';
import { isTimeless, type ListPage, listOf, toAddress, toPage, type View } from '../../state/page-address.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { createTimePicker } from './time-picker.ts';

export interface PageHeader {
  readonly element: HTMLElement;
  showView(view: View, nowMs: number): void;
  showLive(state: LiveState): void;
  /** One pulse of the live indicator. */
  beat(): void;
}

export interface PageHeaderOptions {
  readonly formats: TimeFormats;
  navigate(view: View): void;
  onLiveClick(): void;
  onHelp(): void;
  onSignOut(): void;
}

const PAGES: readonly (readonly [ListPage, string])[] = [
  ['overview', 'Overview'],
  ['denials', 'Denials'],
  ['issues', 'Issues'],
  ['domains', 'Domains'],
  ['hosts', 'Hosts'],
  ['programs', 'Programs'],
  ['people', 'People'],
];

const LIVE_WORDS: Readonly<Record<LiveState, readonly [string, string]>> = {
  connecting: ['Connecting', 'Opening the live stream'],
  live: ['Live', 'New denials appear by themselves. Click to pause.'],
  reconnecting: ['Reconnecting', 'The live stream is interrupted; trying again'],
  paused: ['Paused', 'Nothing new appears. Click to go on.'],
};

export function createPageHeader(options: PageHeaderOptions): PageHeader {
  const pages = el('nav', { class: 'pages', 'aria-label': 'Pages' });
  const time = createTimePicker(options.formats, options.navigate);
  const live = createLiveButton(options.onLiveClick);
  const signOut = el(
    'button',
    { class: 'button', type: 'button', 'aria-label': 'Sign out' },
    el('span', { class: 'wide-only' }, 'Sign out'),
    el('span', { class: 'narrow-only' }, icon('leave')),
  );
  signOut.addEventListener('click', () => options.onSignOut());
  const help = el(
    'button',
    { class: 'button button-icon', type: 'button', 'aria-label': 'Keys and queries', title: 'Keys and queries: ?' },
    '?',
  );
  help.addEventListener('click', () => options.onHelp());
  const settings = el(
    'a',
    { class: 'button button-icon', href: '/settings', 'aria-label': 'Settings', title: 'Settings' },
    icon('sliders'),
  );
  const element = el(
    'header',
    { class: 'page-header' },
    el(
      'div',
      { class: 'page-header-inner' },
      el('a', { class: 'brand', href: '/' }, mark(), el('span', { class: 'brand-name' }, 'Trespass')),
      pages,
      time.element,
      el('div', { class: 'page-header-tools' }, live.element, help, settings, createThemeButton(), signOut),
    ),
  );
  return {
    element,
    showView: (view, nowMs) => {
      fill(pages, ...pageLinks(view));
      settings.toggleAttribute('aria-current', view.page === 'settings');
      time.element.hidden = isTimeless(view);
      time.update(view, nowMs);
    },
    showLive: live.show,
    beat: live.beat,
  };
}

function pageLinks(view: View): readonly HTMLElement[] {
  const list = listOf(view);
  // Fleets are found beside the hosts.
  const at = view.page === 'nothing' ? undefined : list === 'fleets' ? 'hosts' : list;
  return PAGES.map(([page, title]) =>
    el(
      'a',
      {
        class: 'page-link',
        href: toAddress(toPage(view, page)),
        'aria-current': page === view.page ? 'page' : page === at && 'true',
      },
      title,
    ),
  );
}

function createLiveButton(onClick: () => void) {
  const dot = el('span', { class: 'live-dot' });
  const word = el('span', {}, '');
  const element = el('button', { class: 'live', type: 'button' }, dot, word);
  element.addEventListener('click', onClick);
  const show = (state: LiveState): void => {
    const [words, title] = LIVE_WORDS[state];
    element.dataset.state = state;
    element.title = title;
    setText(word, words);
  };
  show('connecting');
  dot.addEventListener('animationend', () => dot.classList.remove('is-beating'));
  return { element, show, beat: () => dot.classList.add('is-beating') };
}

const THEME_ORDER: readonly Theme[] = ['system', 'light', 'dark'];
const THEME_ICONS = { system: 'half', light: 'sun', dark: 'moon' } as const;

function createThemeButton(): HTMLElement {
  const element = el('button', { class: 'button button-icon', type: 'button' });
  const show = (): void => {
    const theme = currentTheme();
    const words = `Colours: ${theme === 'system' ? 'as the system' : theme}`;
    element.title = words;
    element.setAttribute('aria-label', words);
    fill(element, icon(THEME_ICONS[theme]));
  };
  element.addEventListener('click', () => {
    const next = THEME_ORDER[(THEME_ORDER.indexOf(currentTheme()) + 1) % THEME_ORDER.length];
    chooseTheme(next ?? 'system');
    show();
  });
  show();
  return element;
}
