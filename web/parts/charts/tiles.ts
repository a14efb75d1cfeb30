// The tiles: a few numbers, the most important one first, each with what puts it into proportion.

import type { Summary, Trends } from '../../../src/api/schemas/stats.ts';
import { el, fill, setText } from '../../dom/el.ts';
import { lostRecords } from '../../state/lost-records.ts';
import { denialsView, toAddress, toPage, type View } from '../../state/page-address.ts';
import { countOf, formatChange, formatCount, formatShortCount } from '../../text/format-number.ts';
import type { TimeFormats } from '../../text/format-time.ts';
import { sparkline } from './sparkline.ts';

export interface TilesFacts {
  readonly view: View;
  readonly summary: Summary;
  /** Arrived after the summary was answered. */
  readonly extraDenials: number;
  readonly latestMs: number | undefined;
  readonly bars: readonly number[];
  /** `24 hours`: what the change compares with. */
  readonly span: string;
  /** Undefined: not known yet. */
  readonly trends: Trends | undefined;
  /** Hosts whose collector is online; undefined: not known yet. */
  readonly online: number | undefined;
  readonly nowMs: number;
}

export interface Tiles {
  readonly element: HTMLElement;
  update(facts: TilesFacts): void;
}

interface Tile {
  readonly element: HTMLElement;
  show(value: string, note: string, of?: string): void;
  /** The shape of the parts behind the number. */
  draw(points: readonly number[]): void;
  /** Makes its name a link to what is behind the number. */
  linkTo(view: View): void;
}

export function createTiles(formats: TimeFormats): Tiles {
  const denials = createTile('denials', 'Denials', true);
  const programs = createTile('programs', 'Programs denied');
  const hosts = createTile('hosts', 'Hosts affected');
  const issues = createTile('issues', 'New issues');
  const domains = createTile('domains', 'Live domains');
  const unlogged = createTile('unlogged', 'Not logged');
  const missing = createTile('missing', 'Lost or malformed');
  const latest = el('p', { class: 'tile-note' });
  denials.element.append(latest);
  const tiles = [denials, unlogged, issues, hosts, programs, domains, missing];
  return {
    element: el('ul', { class: 'tiles', 'aria-label': 'Numbers' }, ...tiles.map((tile) => tile.element)),
    update({ view, summary, extraDenials, latestMs, bars, span, trends, online, nowMs }) {
      const count = summary.denials + extraDenials;
      denials.show(formatShortCount(count), formatChange(count, summary.denials_before, span));
      denials.element.title = formatCount(count);
      denials.element.dataset.level = count === 0 ? 'none' : 'some';
      denials.draw(bars);
      programs.show(formatShortCount(summary.programs), 'ran into a domain’s limits');
      const { allocated, live, deallocated } = summary.domains;
      domains.show(
        formatShortCount(live),
        `${formatCount(allocated)} made, ${formatCount(deallocated)} ended in this time`,
      );
      const lost = lostRecords(summary.lost);
      missing.show(formatShortCount(lost + summary.malformed), missingWords(lost, summary.malformed));
      missing.element.dataset.level = lost + summary.malformed > 0 ? 'warn' : 'ok';
      setText(latest, latestMs === undefined ? '' : `the last at ${formats.short(latestMs, nowMs)}`);
      const change = (now: number, before: number | undefined) =>
        before === undefined ? '' : formatChange(now, before, span);
      const heard = online === undefined ? '' : `${formatCount(online)} online; `;
      const { denied, total } = summary.hosts;
      hosts.show(
        formatShortCount(denied),
        `${heard}${change(denied, trends?.hosts_denied.before)}`,
        formatShortCount(total),
      );
      hosts.draw(trends?.hosts_denied.points ?? []);
      unlogged.show(formatShortCount(summary.unlogged), unloggedWords(summary.unlogged, trends, change));
      unlogged.draw(trends?.unlogged.points ?? []);
      const fresh = trends?.new_issues;
      issues.element.dataset.level = (fresh?.now ?? 0) > 0 ? 'some' : 'none';
      issues.show(
        fresh === undefined ? '…' : formatShortCount(fresh.now),
        fresh ? change(fresh.now, fresh.before) : '',
      );
      issues.draw(fresh?.points ?? []);
      denials.linkTo(denialsView(view));
      unlogged.linkTo({ ...toPage(view, 'domains'), has: 'unlogged' });
      issues.linkTo({ ...toPage(view, 'issues'), tab: 'new' });
      hosts.linkTo(toPage(view, 'hosts'));
      programs.linkTo(toPage(view, 'programs'));
      domains.linkTo(toPage(view, 'domains'));
    },
  };
}

/** What it means, for as long as there are none to compare. */
function unloggedWords(
  count: number,
  trends: Trends | undefined,
  change: (now: number, before: number | undefined) => string,
): string {
  const before = trends?.unlogged.before ?? 0;
  return count === 0 && before === 0 ? 'counted by the kernel only: none' : change(count, before);
}

function missingWords(lost: number, malformed: number): string {
  if (lost + malformed === 0) {
    return 'none known';
  }
  return malformed === 0
    ? countOf(lost, 'record lost', 'records lost')
    : `${formatCount(lost)} lost, ${formatCount(malformed)} malformed`;
}

function createTile(key: string, name: string, isLead = false): Tile {
  const title = el('a', {}, name);
  const value = el('span', { class: 'tile-number' }, '…');
  const whole = el('span', { class: 'tile-of' });
  const note = el('p', { class: 'tile-note' });
  const line = el('span', { class: 'tile-line' });
  let drawn = '';
  const element = el(
    'li',
    { class: `card tile${isLead ? ' tile-lead' : ''}`, 'data-tile': key },
    el('p', { class: 'tile-name' }, title),
    el('p', { class: 'tile-value' }, value, whole),
    note,
    line,
  );
  return {
    element,
    show(number, words, of) {
      setText(value, number);
      setText(whole, of === undefined ? '' : ` of ${of}`);
      setText(note, words);
    },
    draw(points) {
      const key = points.join();
      if (key !== drawn) {
        drawn = key;
        fill(line, points.some((point) => point > 0) && sparkline(points));
      }
    },
    linkTo(view) {
      title.href = toAddress(view);
    },
  };
}
