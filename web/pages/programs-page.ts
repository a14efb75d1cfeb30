// Which programs use Landlock, where, and how often they were refused something.
import { el, fill, setText } from '../dom/el.ts';
import { createFilterPills } from '../parts/blocks/filter-pills.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { createListInstead } from '../parts/blocks/list-instead.ts';
import { withCode } from '../parts/blocks/notices.ts';
import { programsTable } from '../parts/fleets/programs-table.ts';
import { busiestFleet } from '../state/host-state.ts';
import { fleetView, toAddress, type View } from '../state/page-address.ts';
import { countOf, formatCount } from '../text/format-number.ts';
import { escapeOdd } from '../text/visible-text.ts';
import { DataPage } from './data-page.ts';
import type { PageOptions } from './page.ts';
import { PROGRAMS_MAX, ProgramsData } from './programs-data.ts';

/** Hosts of which nobody said otherwise are in it. */
const DEFAULT_FLEET = 'default';

export class ProgramsPage extends DataPage<ProgramsData> {
  readonly #filters = createFilterPills();
  readonly #count = el('span', { class: 'quiet' });
  readonly #body = el('div');
  readonly #instead = createListInstead('program', () => this.data.refresh());
  readonly #note = el('p', { class: 'quiet card-note', hidden: true });
  readonly #foot = createListFoot(() => this.data.loadMore());
  readonly #packages = el('a', { class: 'button' });
  #drawn: unknown;

  constructor(view: View, options: PageOptions) {
    super(options, (changes) => new ProgramsData(view, changes));
    fill(
      this.#note,
      ...withCode(
        'Sandboxes and rules are counted while the collector has its audit rules: `trespass run --set collector.sandbox_rules=true`.',
      ),
    );
    fill(
      this.element,
      el(
        'div',
        { class: 'page-title' },
        el('h1', {}, 'Programs'),
        el(
          'p',
          { class: 'quiet' },
          'Who makes sandboxes with Landlock, on how many hosts, and how much they were refused.',
        ),
        el('div', { class: 'page-tools' }, this.#packages),
      ),
      this.#filters.element,
      el(
        'section',
        { class: 'card', 'aria-label': 'Programs' },
        el('div', { class: 'card-head' }, el('h2', {}, 'Programs'), this.#count),
        this.#body,
        this.#instead.element,
        this.#note,
        this.#foot.element,
      ),
    );
  }

  override addDenial(): void {
    this.data.hear();
  }

  override addDomain(): void {
    this.data.hear();
  }

  protected draw(): void {
    const { view, programs, hosts, isAnswered, failure, hasMore, isLoading, nextCursor } = this.data;
    this.#filters.update(view, hosts);
    const fleet = view.fleet ?? busiestFleet(hosts) ?? DEFAULT_FLEET;
    this.#packages.href = toAddress(fleetView(view.range, fleet));
    setText(
      this.#packages,
      fleet === DEFAULT_FLEET ? 'Packages and updates' : `Packages and updates in ${escapeOdd(fleet)}`,
    );
    const note = hasMore || nextCursor === null ? '' : `The first ${countOf(PROGRAMS_MAX, 'program')}`;
    this.#foot.update({ hasMore: hasMore && isAnswered, isLoading, note });
    this.#note.hidden = programs.length === 0 || programs.some((program) => program.sandboxes > 0);
    setText(this.#count, programs.length === 0 ? '' : `${hasMore ? 'the first ' : ''}${formatCount(programs.length)}`);
    const hasRows = isAnswered && programs.length > 0;
    this.#body.hidden = !hasRows;
    if (hasRows) {
      this.#instead.hide();
      // Someone may have the focus in the table: it is made anew only for other rows.
      if (this.#drawn !== programs) {
        this.#drawn = programs;
        fill(this.#body, programsTable(programs, view));
      }
      return;
    }
    this.#drawn = undefined;
    const { status, hasStatus } = this.data;
    this.#instead.show({
      view,
      nowMs: Date.now(),
      hosts,
      ...(status === undefined ? {} : { status }),
      failure,
      isWaiting: !isAnswered || !hasStatus,
    });
  }
}
