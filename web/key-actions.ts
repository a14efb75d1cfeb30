// What the keys do to the page that is shown.
import type { KeyActions } from './dom/keyboard.ts';
import { GO_KEYS } from './state/go-keys.ts';
import { isTimeless, toPage, type View } from './state/page-address.ts';
import { shifted } from './state/time-range.ts';

export interface KeyTargets {
  view(): View;
  /** Resolves when the page is there. */
  navigate(view: View): Promise<void>;
  help(): void;
}

export function keyActions({ view, navigate, help }: KeyTargets): KeyActions {
  return {
    go(letter) {
      const page = GO_KEYS.find(([key]) => key === letter)?.[1];
      if (page !== undefined) {
        void navigate(toPage(view(), page));
      }
      return page !== undefined;
    },
    search() {
      if (!focusSearch()) {
        void navigate(toPage(view(), 'denials')).then(focusSearch);
      }
    },
    help,
    moveRow,
    beside(step) {
      const { denial } = view();
      if (denial !== undefined) {
        const next = denialBeside(denial, step);
        if (next !== undefined) {
          void navigate({ ...view(), denial: next });
        }
      } else if (!isTimeless(view())) {
        void navigate({ ...view(), range: shifted(view().range, step, Date.now()) });
      }
    },
  };
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main [data-search]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** The id in the row above or below that of an open denial. */
export function denialBeside(id: string, step: 1 | -1): string | undefined {
  const rows = [...document.querySelectorAll<HTMLElement>('main .denials tr[data-id]')];
  const next = rows[rows.findIndex((row) => row.dataset.id === id) + step];
  if (next === undefined || !rows.some((row) => row.dataset.id === id)) {
    return undefined;
  }
  next.scrollIntoView({ block: 'center' });
  return next.dataset.id;
}

function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('main .row-link')].filter(
    (link) => link.offsetParent !== null,
  );
  const at = links.findIndex((link) => link.matches(':focus'));
  const next = at < 0 ? (step === 1 ? links[0] : undefined) : links[at + step];
  next?.focus({ preventScroll: true });
  next?.closest('tr')?.scrollIntoView({ block: 'nearest' });
}
