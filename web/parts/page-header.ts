// The header: mark, time range, live indicator, theme, sign-out. Says what was clicked; decides nothing itself.
import { el, fill, setText } from '../dom/el.ts';
import { icon, mark } from '../dom/icon.ts';
import { chooseTheme, currentTheme, type Theme } from '../dom/theme.ts';
import type { LiveState } from '../net/live-stream.ts';
import { type DetailPage, isDetail, type PageName, toAddress, toPage, type View } from '../state/page-address.ts';
import { PRESET_NAMES, type Preset } from '../state/time-range.ts';
import type { TimeFormats } from '../text/format-time.ts';

export interface PageHeader {
  readonly element: HTMLElement;
  showView(view: View, nowMs: number): void;
  showLive(state: LiveState): void;
  /** One pulse of the live indicator. */
  beat(): void;
}

export interface PageHeaderOptions {
  readonly formats: TimeFormats;
  onLiveClick(): void;
  onSignOut(): void;
}

const PRESET_TITLES: Readonly<Record<Preset, string>> = {
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

const PAGES: readonly (readonly [Exclude<PageName, DetailPage>, string])[] = [
  ['overview', 'Overview'],
  ['issues', 'Issues'],
  ['domains', 'Domains'],
  ['programs', 'Programs'],
];

const LIVE_WORDS: Readonly<Record<LiveState, readonly [string, string]>> = {
  connecting: ['Connecting', 'Opening the live stream'],
  live: ['Live', 'New denials appear by themselves. Click to pause.'],
  reconnecting: ['Reconnecting', 'The live stream is interrupted; trying again'],
  paused: ['Paused', 'Nothing new appears. Click to go on.'],
};

export function createPageHeader(options: PageHeaderOptions): PageHeader {
  const pages = el('nav', { class: 'pages', 'aria-label': 'Pages' });
  const ranges = el('nav', { class: 'ranges', 'aria-label': 'Time range' });
  const live = createLiveButton(options.onLiveClick);
  const signOut = el(
    'button',
    { class: 'button', type: 'button', 'aria-label': 'Sign out' },
    el('span', { class: 'wide-only' }, 'Sign out'),
    el('span', { class: 'narrow-only' }, icon('leave')),
  );
  signOut.addEventListener('click', () => options.onSignOut());
  const element = el(
    'header',
    { class: 'page-header' },
    el(
      'div',
      { class: 'page-header-inner' },
      el('a', { class: 'brand', href: '/' }, mark(), el('span', { class: 'brand-name' }, 'Trespass')),
      pages,
      ranges,
      el('div', { class: 'page-header-tools' }, live.element, createThemeButton(), signOut),
    ),
  );
  return {
    element,
    showView: (view, nowMs) => {
      fill(pages, ...pageLinks(view));
      ranges.hidden = isDetail(view);
      fill(ranges, ...rangeLinks(view, nowMs, options.formats));
    },
    showLive: live.show,
    beat: live.beat,
  };
}

function pageLinks(view: View): readonly HTMLElement[] {
  const at = view.page === 'domain' ? 'domains' : view.page === 'issue' ? 'issues' : view.page;
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

function rangeLinks(view: View, nowMs: number, formats: TimeFormats): readonly HTMLElement[] {
  const { denial: _denial, ...rest } = view;
  const links = PRESET_NAMES.map((preset) =>
    el(
      'a',
      {
        class: 'range',
        href: toAddress({ ...rest, range: { kind: 'relative', preset } }),
        title: PRESET_TITLES[preset],
        'aria-current': view.range.kind === 'relative' && view.range.preset === preset && 'true',
      },
      preset,
    ),
  );
  if (view.range.kind === 'fixed') {
    const { fromMs, toMs } = view.range;
    const words = `${formats.short(fromMs, nowMs)} – ${formats.short(toMs, nowMs)}`;
    links.push(el('a', { class: 'range', href: toAddress(rest), 'aria-current': 'true' }, words));
  }
  return links;
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
