// Ties address, session, stream and page together. Links within the page change the address without loading it
// again; everything shown follows from the address.
import { el, fill } from './dom/el.ts';
import { signOut } from './net/api-client.ts';
import { LiveStream } from './net/live-stream.ts';
import { OverviewPage } from './pages/overview-page.ts';
import { signedOutPage } from './pages/signed-out-page.ts';
import { createDenialDrawer } from './parts/denial-drawer.ts';
import { createPageHeader } from './parts/page-header.ts';
import { parseAddress, streamParameters, toAddress, type View, without } from './state/page-address.ts';
import { timeFormats } from './text/format-time.ts';

/** Builds everything into #app. */
export function startApplication(): void {
  const root = document.getElementById('app');
  if (root === null) {
    throw new Error('index.html has no #app');
  }
  const formats = timeFormats();
  let view = parseAddress(location.search);
  let ended = false;

  const end = (): void => {
    if (!ended) {
      ended = true;
      stream.pause();
      page.stop();
      fill(root, signedOutPage());
    }
  };
  const show = (next: View): void => {
    view = next;
    header.showView(view, Date.now());
    page.setView(view);
    stream.setParameters(streamParameters(view));
    drawer.show(view.denial);
  };
  const navigate = (next: View): void => {
    history.pushState(null, '', toAddress(next));
    show(next);
  };

  const header = createPageHeader({
    formats,
    onLiveClick: () => {
      if (stream.state === 'paused') {
        stream.open();
      } else {
        stream.pause();
      }
    },
    onSignOut: () => void signOut().then(end),
  });
  const page = new OverviewPage(view, { formats, navigate, onSignedOut: end });
  const drawer = createDenialDrawer(formats, () => navigate(without(view, 'denial')));
  const stream = new LiveStream({
    onDenial: (denial) => page.addDenial(denial),
    onDomain: () => page.recountSoon(),
    onState: (state) => header.showLive(state),
    onMissed: () => page.refresh(),
    onBeat: () => header.beat(),
  });

  const skip = el('a', { class: 'skip-link', href: '#content' }, 'Skip to the content');
  fill(root, skip, header.element, page.element, drawer.element);
  addEventListener('popstate', () => show(parseAddress(location.search)));
  document.addEventListener('click', (event) => followLink(event, navigate));
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && !ended) {
      page.refresh();
    }
  });
  page.start();
  show(view);
  stream.open();
}

/** A plain click on a link to this page shows it at once; anything else is the browser's. */
function followLink(event: MouseEvent, navigate: (view: View) => void): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (link === null || !isPlain || event.defaultPrevented || link.target !== '') {
    return;
  }
  const url = new URL(link.href);
  if (url.origin === location.origin && url.pathname === '/' && url.hash === '') {
    event.preventDefault();
    navigate(parseAddress(url.search));
  }
}
