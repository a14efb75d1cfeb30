// Which programs use Landlock, where, and how often they were refused something.
import { el, fill, setText } from '../dom/el.ts';
import { onceAFrame } from '../dom/once-a-frame.ts';
import { createFilterPills } from '../parts/filter-pills.ts';
import { createListFoot } from '../parts/list-foot.ts';
import { withCode } from '../parts/notices.ts';
import { programsTable } from '../parts/programs-table.ts';
import { emptyBox, failedBox, loadingBox } from '../parts/states.ts';
import { emptyReason } from '../state/empty-reason.ts';
import type { View } from '../state/page-address.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import type { Page, PageOptions } from './page.ts';
import { PROGRAMS_MAX, ProgramsData } from './programs-data.ts';

export class ProgramsPage implements Page {
  readonly element: HTMLElement;
  readonly #data: ProgramsData;
  readonly #filters = createFilterPills();
  readonly #count = el('span', { class: 'quiet' });
  readonly #body = el('div');
  readonly #note = el('p', { class: 'quiet card-note', hidden: true });
  readonly #foot = createListFoot(() => this.#data.loadMore());
  readonly #drawSoon = onceAFrame(() => this.#draw());
  #drawn: unknown;

  constructor(view: View, { onSignedOut }: PageOptions) {
    this.#data = new ProgramsData(view, { onChange: () => this.#drawSoon(), onSignedOut });
    fill(
      this.#note,
      ...withCode(
        'Sandboxes and rules are counted while the collector has its audit rules: `trespass run --set collector.sandbox_rules=true`.',
      ),
    );
    this.element = el(
      'main',
      { class: 'page-main', id: 'content', tabindex: -1 },
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Programs'),
        el(
          'p',
          { class: 'quiet' },
          'Who makes sandboxes with Landlock, on how many hosts, and how much they were refused.',
        ),
      ),
      this.#filters.element,
      el(
        'section',
        { class: 'card', 'aria-label': 'Programs' },
        el('div', { class: 'card-head' }, el('h2', {}, 'Programs'), this.#count),
        this.#body,
        this.#note,
        this.#foot.element,
      ),
    );
  }

  start(): void {
    this.#data.start();
    this.#draw();
  }

  stop(): void {
    this.#data.stop();
  }

  setView(view: View): void {
    this.#data.setView(view);
    this.#drawSoon();
  }

  refresh(): void {
    this.#data.refresh();
  }

  addDenial(): void {
    this.#data.hear();
  }

  addDomain(): void {
    this.#data.hear();
  }

  #draw(): void {
    const { view, programs, hosts, isAnswered, failure, hasMore, isLoading, nextCursor } = this.#data;
    this.#filters.update(view, hosts);
    const note = hasMore || nextCursor === null ? '' : `The first ${countOf(PROGRAMS_MAX, 'program')}`;
    this.#foot.update({ hasMore: hasMore && isAnswered, isLoading, note });
    this.#note.hidden = programs.length === 0 || programs.some((program) => program.sandboxes > 0);
    setText(this.#count, programs.length === 0 ? '' : `${hasMore ? 'the first ' : ''}${formatCount(programs.length)}`);
    if (isAnswered && programs.length > 0) {
      // Someone may have the focus in the table: it is made anew only for other rows.
      if (this.#drawn !== programs) {
        this.#drawn = programs;
        fill(this.#body, programsTable(programs, view));
      }
      return;
    }
    this.#drawn = undefined;
    fill(this.#body, this.#instead(isAnswered, failure));
  }

  #instead(isAnswered: boolean, failure: ProgramsData['failure']): HTMLElement {
    if (failure !== undefined) {
      return failedBox('The programs', failure, () => this.#data.refresh());
    }
    const { view, hosts, status, hasStatus } = this.#data;
    if (!isAnswered || !hasStatus) {
      return loadingBox('the programs');
    }
    const nowMs = Date.now();
    const reason = emptyReason({ view, nowMs, hosts, ...(status === undefined ? {} : { status }) });
    return emptyBox(reason, view, nowMs, 'program');
  }
}
