// Ties address, session, stream and page together. Links within the page change the address without loading it
// again; everything shown follows from the address.
import { el, fill } from './dom/el.ts';
import { listenToKeys } from './dom/keyboard.ts';
import { choosesUtc } from './dom/time-zone.ts';
import { keyActions } from './key-actions.ts';
import { dropEarlyAnswers, signOut } from './net/api-client.ts';
import { LiveStream } from './net/live-stream.ts';
import { PageSlot } from './page-slot.ts';
import { signedOutPage } from './pages/signed-out-page.ts';
import { createDenialDrawer } from './parts/denials/denial-drawer.ts';
import { createHelpDialog } from './parts/frame/help-dialog.ts';
import { createPageHeader } from './parts/frame/page-header.ts';
import { pageOfPath, parseAddress, toAddress, type View, without } from './state/page-address.ts';
import { pageTitle } from './state/page-title.ts';
import { streamParameters } from './state/request-parameters.ts';
import { timeFormats } from './text/format-time.ts';

/** Builds everything into #app. */
export function startApplication(): void {
  const root = document.getElementById('app');
  if (root === null) {
    throw new Error('index.html has no #app');
  }
  const formats = timeFormats(choosesUtc() ? 'UTC' : undefined);
  let view = parseAddress(location.pathname + location.search);
  let ended = false;
  const options = { formats, navigate: (next: View) => void navigate(next), onSignedOut: () => end() };
  const page = new PageSlot(options);

  const end = (): void => {
    if (!ended) {
      ended = true;
      stream.pause();
      page.stop();
      fill(root, signedOutPage());
    }
  };
  const show = async (next: View): Promise<void> => {
    view = next;
    document.title = pageTitle(view);
    header.showView(view, Date.now());
    drawer.show(view);
    stream.setParameters(streamParameters(view));
    await page.show(view);
  };
  const navigate = async (next: View): Promise<void> => {
    history.pushState(null, '', toAddress(next));
    await show(next);
  };

  const help = createHelpDialog();
  const header = createPageHeader({
    formats,
    navigate: options.navigate,
    onHelp: () => help.open(),
    onLiveClick: () => {
      if (stream.state === 'paused') {
        stream.open();
      } else {
        stream.pause();
      }
    },
    onSignOut: () => void signOut().then(end),
  });
  const actions = keyActions({ view: () => view, navigate, help: () => help.open() });
  const drawer = createDenialDrawer({
    formats,
    onClose: () => options.navigate(without(view, 'denial')),
    onBeside: (step) => actions.beside(step),
  });
  const stream = new LiveStream({
    onDenial: (denial) => page.addDenial(denial),
    onDomain: (event) => page.addDomain(event),
    onState: (state) => header.showLive(state),
    onMissed: () => page.refresh(),
    onBeat: () => header.beat(),
  });

  const skip = el('a', { class: 'skip-link', href: '#content' }, 'Skip to the content');
  fill(root, skip, header.element, page.element, drawer.element, help.element);
  addEventListener('popstate', () => void show(parseAddress(location.pathname + location.search)));
  document.addEventListener('click', (event) => followLink(event, options.navigate));
  listenToKeys(actions);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && !ended) {
      page.refresh();
    }
  });
  void show(view).then(dropEarlyAnswers);
  stream.open();
}

/** A plain click on a link to one of our pages shows it at once; anything else is the browser's. */
function followLink(event: MouseEvent, navigate: (view: View) => void): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  // Links within drawings are elements of another kind, so their attributes are asked for by name.
  const href = link?.getAttribute('href') ?? null;
  if (link === null || href === null || !isPlain || event.defaultPrevented || link.hasAttribute('target')) {
    return;
  }
  const url = new URL(href, location.href);
  if (url.origin === location.origin && pageOfPath(url.pathname) !== undefined && url.hash === '') {
    event.preventDefault();
    navigate(parseAddress(url.pathname + url.search));
  }
}
