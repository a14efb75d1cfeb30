// One domain: what it is, its family as a drawing and as a table, and what it refused.
import type { Denial, DomainEvent } from '../../src/api/schemas/document.ts';
import type { DomainAnswer, DomainTree } from '../../src/api/schemas/domain.ts';
import { el, fill } from '../dom/el.ts';
import { recordText } from '../dom/record-text.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { failedBox, loadingBox, notShownBox } from '../parts/blocks/states.ts';
import { createNewestDenials, storedNote } from '../parts/denials/newest-denials.ts';
import { domainFacts, domainTiles, domainTrail } from '../parts/domains/domain-head.ts';
import { createFamilyCard, type FamilyCard } from '../parts/domains/family-card.ts';
import { treeWith } from '../state/domain-forest.ts';
import { unloggedWords } from '../state/domain-words.ts';
import type { View } from '../state/page-address.ts';
import { countOf } from '../text/format-number.ts';
import type { TimeFormats } from '../text/format-time.ts';
import { DataPage } from './data-page.ts';
import { DomainData } from './domain-data.ts';
import type { PageOptions } from './page.ts';

/** The ends of lives that go on. */
const TICK_MS = 5_000;

export class DomainPage extends DataPage<DomainData> {
  readonly #formats: TimeFormats;
  readonly #head = el('div', { class: 'domain-head' });
  readonly #family: FamilyCard;
  readonly #denials;
  readonly #foot = createListFoot(() => this.data.loadMore());
  #headKey = '';

  constructor(view: View, options: PageOptions) {
    super(options, (changes) => new DomainData(view, changes), TICK_MS);
    const { formats } = options;
    this.#formats = formats;
    this.#family = createFamilyCard(formats);
    this.#denials = createNewestDenials(formats, 'Denials of this domain', () => undefined);
    this.#denials.element.append(this.#foot.element);
    this.element.classList.add('domain-page');
    fill(this.element, this.#head, this.#family.element, this.#denials.element);
  }

  override stop(): void {
    super.stop();
    this.#family.stop();
  }

  override addDenial(denial: Denial): void {
    this.data.hear(denial.host.id, denial.host.boot.id);
  }

  override addDomain(event: DomainEvent): void {
    this.data.hear(event.host.id, event.host.boot.id);
  }

  protected draw(): void {
    const { tree, domain, treeFailure, view } = this.data;
    const nowMs = Date.now();
    if (tree !== undefined && domain !== undefined) {
      this.#drawDomain(tree, domain, nowMs);
    } else {
      this.#headKey = '';
      this.#family.element.hidden = true;
      fill(
        this.#head,
        domainTrail(view, undefined),
        title(view.domain ?? '', undefined),
        el(
          'section',
          { class: 'card', 'aria-label': 'Domain' },
          treeFailure === undefined
            ? loadingBox('the domain')
            : notShownBox('This domain', treeFailure, view, () => this.data.refresh()),
        ),
      );
    }
    this.#denials.element.hidden = treeFailure?.kind === 'missing' && (this.data.denials ?? []).length === 0;
    this.#drawDenials(nowMs);
  }

  #drawDomain(tree: DomainTree, domain: DomainAnswer, nowMs: number): void {
    const { view } = this.data;
    const root = treeWith(tree.domains, domain.id);
    const self = root?.find((node) => node.data.id === domain.id);
    const facts = {
      view,
      domain,
      ancestors: self?.depth ?? 0,
      descendants: (self?.descendants().length ?? 1) - 1 + (tree.left_out ?? 0),
      formats: this.#formats,
      nowMs,
    };
    // What is being read, or has an open part, is not drawn anew unless it has changed.
    const seconds = domain.status === 'live' ? Math.floor(nowMs / TICK_MS) : 0;
    const key = JSON.stringify([domain, facts.ancestors, facts.descendants, view, seconds]);
    if (key !== this.#headKey) {
      this.#headKey = key;
      fill(this.#head, domainTrail(view, domain), title(domain.id, domain), domainTiles(facts), domainFacts(facts));
    }
    this.#family.element.hidden = root === undefined;
    if (root !== undefined) {
      this.#family.update({ view, root, self: domain.id, leftOut: tree.left_out ?? 0, nowMs });
    }
  }

  #drawDenials(nowMs: number): void {
    const { view, denials, denialsFailure, hasMore, isLoadingMore, domain } = this.data;
    this.#foot.update({ hasMore, isLoading: isLoadingMore, note: '' });
    if (denials === undefined) {
      this.#denials.showInstead(
        denialsFailure === undefined
          ? loadingBox('its denials')
          : failedBox('Its denials', denialsFailure, () => this.data.refresh()),
      );
    } else if (denials.length === 0) {
      this.#denials.showInstead(noDenials(domain));
    } else {
      const note = storedNote(denials.length, hasMore);
      this.#denials.update({ view, denials, fresh: new Set(), waitingCount: 0, elsewhereCount: 0, nowMs, note });
    }
  }
}

function title(id: string, domain: DomainAnswer | undefined): HTMLElement {
  const program = domain?.creator?.executable ?? domain?.creator?.name;
  return el(
    'div',
    { class: 'page-title' },
    el('h1', {}, 'Domain ', el('span', { class: 'mono' }, recordText(id))),
    program !== undefined && el('p', { class: 'quiet domain-program' }, 'made by ', recordText(program)),
  );
}

/** A domain without a stored denial: not logged, kept no longer, or only named by a relative. */
function noDenials(domain: DomainAnswer | undefined): HTMLElement {
  const { logged = 0, unlogged = 0 } = domain?.denials ?? {};
  const words =
    logged > 0
      ? `${countOf(logged, 'denial')} of it ${logged === 1 ? 'was' : 'were'} counted, but none is stored any more: they are older than the retention.`
      : 'No denial of this domain is in the log.';
  return el(
    'div',
    { class: 'empty', 'data-empty': 'no-denials' },
    el('p', { class: 'empty-title' }, 'No denials to show'),
    el('p', {}, words),
    unlogged > 0 && domain !== undefined && el('p', {}, unloggedWords(domain)),
  );
}
