// The tiles: a few numbers, the most important one first, each with what puts it into proportion.

import type { Summary } from '../../src/api/schemas/stats.ts';
import { el, fill, setText } from '../dom/el.ts';
import { lostRecords } from '../state/lost-records.ts';
import { denialsView, toAddress, toPage, type View } from '../state/page-address.ts';
import type { NewIssues } from '../state/rising-issues.ts';
import { countOf, formatChange, formatCount, formatShortCount } from '../text/format-number.ts';
import type { TimeFormats } from '../text/format-time.ts';
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
  /** Issues first seen in this time; undefined: not known yet. */
  readonly fresh: NewIssues | undefined;
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
  /** Makes its name a link to what is behind the number. */
  linkTo(view: View): void;
}

export function createTiles(formats: TimeFormats): Tiles {
  const denials = createTile('denials', 'Denials', true);
  const programs = createTile('programs', 'Programs denied');
  const hosts = createTile('hosts', 'Hosts affected');
  const issues = createTile('issues', 'New issues');
  const domains = createTile('domains', 'Domains seen');
  const unlogged = createTile('unlogged', 'Not logged');
  const missing = createTile('missing', 'Lost or malformed');
  const latest = el('p', { class: 'tile-note' });
  const line = el('span', { class: 'tile-line' });
  denials.element.append(latest, line);
  const tiles = [denials, issues, hosts, programs, domains, unlogged, missing];
  return {
    element: el('ul', { class: 'tiles', 'aria-label': 'Numbers' }, ...tiles.map((tile) => tile.element)),
    update({ view, summary, extraDenials, latestMs, bars, span, fresh, online, nowMs }) {
      const count = summary.denials + extraDenials;
      denials.show(formatShortCount(count), formatChange(count, summary.denials_before, span));
      denials.element.title = formatCount(count);
      denials.element.dataset.level = count === 0 ? 'none' : 'some';
      fill(line, bars.some((bar) => bar > 0) && sparkline(bars));
      programs.show(formatShortCount(summary.programs), 'ran into a domain’s limits');
      const hostsNote = online === undefined ? 'with a denial' : `with a denial; ${formatCount(online)} online`;
      hosts.show(formatShortCount(summary.hosts.denied), hostsNote, formatShortCount(summary.hosts.total));
      hosts.linkTo(toPage(view, 'hosts'));
      denials.linkTo(denialsView(view));
      issues.linkTo({ ...toPage(view, 'issues'), tab: 'new' });
      issues.element.dataset.level = (fresh?.count ?? 0) > 0 ? 'some' : 'none';
      issues.show(
        fresh === undefined ? '…' : `${formatCount(fresh.count)}${fresh.isFull ? '+' : ''}`,
        'never seen before this time',
      );
      programs.linkTo(toPage(view, 'programs'));
      domains.linkTo(toPage(view, 'domains'));
      unlogged.linkTo({ ...toPage(view, 'domains'), has: 'unlogged' });
      const { allocated, live, deallocated } = summary.domains;
      domains.show(formatShortCount(allocated), `${formatCount(live)} live, ${formatCount(deallocated)} ended`);
      unlogged.show(formatShortCount(summary.unlogged), 'counted by the kernel only');
      const lost = lostRecords(summary.lost);
      missing.show(formatShortCount(lost + summary.malformed), missingWords(lost, summary.malformed));
      missing.element.dataset.level = lost + summary.malformed > 0 ? 'warn' : 'ok';
      setText(latest, latestMs === undefined ? '' : `the last at ${formats.short(latestMs, nowMs)}`);
    },
  };
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
  const element = el(
    'li',
    { class: `card tile${isLead ? ' tile-lead' : ''}`, 'data-tile': key },
    el('p', { class: 'tile-name' }, title),
    el('p', { class: 'tile-value' }, value, whole),
    note,
  );
  return {
    element,
    show(number, words, of) {
      setText(value, number);
      setText(whole, of === undefined ? '' : ` of ${of}`);
      setText(note, words);
    },
    linkTo(view) {
      title.href = toAddress(view);
    },
  };
}
