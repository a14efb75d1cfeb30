// When a domain was there, as far as records tell: a bar on an axis of time, and the same in words. Audit logs a
// domain with its first denial, so a bar starts there unless a tracepoint or a system call told of the making. Pure.
import type { DomainDeallocated } from '../../src/api/schemas/document.ts';
import type { DomainAnswer } from '../../src/api/schemas/domain.ts';
import { formatSpan } from '../text/format-time.ts';

export interface Life {
  readonly fromMs: number;
  readonly toMs: number;
  /** `known`: deallocated then. `open`: still there. `lost`: gone with its boot, nobody knows when. */
  readonly end: 'known' | 'open' | 'lost';
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** What lives on goes beyond it. */
  readonly isCut: boolean;
}

/** undefined: no record has a time. */
export function lifeOf(domain: DomainAnswer, nowMs: number): Life | undefined {
  const times = [
    domain.created_at,
    domain.allocated_at,
    domain.first_denial_at,
    domain.last_denial_at,
    domain.deallocated_at,
  ].flatMap((at) => {
    const ms = Date.parse(at ?? '');
    return Number.isNaN(ms) ? [] : [ms];
  });
  if (times.length === 0) {
    return undefined;
  }
  const fromMs = Math.min(...times);
  const lastMs = Math.max(...times);
  if (domain.status === 'live') {
    return { fromMs, toMs: Math.max(lastMs, nowMs), end: 'open' };
  }
  return { fromMs, toMs: lastMs, end: domain.deallocated_at === undefined ? 'lost' : 'known' };
}

/**
 * The span of all lives together. Where some have ended, what lives on does not stretch it beyond what is recorded by
 * more than half.
 */
export function spanOf(lives: readonly Life[]): Span | undefined {
  if (lives.length === 0) {
    return undefined;
  }
  const fromMs = least(lives.map((life) => life.fromMs));
  const ends = lives.map((life) => (life.end === 'open' ? life.fromMs : life.toMs));
  const recordedMs = -least(ends.map((ms) => -ms));
  const openMs = -least(lives.map((life) => -life.toMs));
  const reach = Math.max(recordedMs - fromMs, 1_000);
  const isAllOpen = lives.every((life) => life.end === 'open');
  const endMs = isAllOpen ? openMs : Math.min(openMs, recordedMs + reach / 2);
  return { fromMs, toMs: Math.max(fromMs + 1, endMs), isCut: endMs < openMs };
}

/** The end of the axis, beside its beginning: `+ 90 s`, `+ 90 s and on`. */
export function spanEndWords({ fromMs, toMs, isCut }: Span): string {
  return `+ ${formatSpan(toMs - fromMs)}${isCut ? ' and on' : ''}`;
}

/** Start and width of a life on the axis, from 0 to 1. */
export function placeOf(
  life: Life,
  span: Pick<Span, 'fromMs' | 'toMs'>,
): { readonly from: number; readonly width: number } {
  const whole = Math.max(1, span.toMs - span.fromMs);
  const from = clamp((life.fromMs - span.fromMs) / whole);
  return { from, width: clamp((life.toMs - span.fromMs) / whole) - from };
}

/** `lived 60 ms`, `there for 5 min`, `seen for 2 s, gone since`. */
export function lifeWords(life: Life | undefined): string {
  if (life === undefined) {
    return 'no time known';
  }
  const span = formatSpan(life.toMs - life.fromMs);
  switch (life.end) {
    case 'known':
      return `lived ${span}`;
    case 'open':
      return `there for ${span}`;
    case 'lost':
      return `seen for ${span}`;
  }
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function least(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

/** The domain as it is after its end, where the event is about it. */
export function withEnd(domain: DomainAnswer, event: DomainDeallocated): DomainAnswer {
  const { id, denials } = event.landlock.domain;
  if (domain.id !== id || domain.boot !== event.host.boot.id || domain.host.id !== event.host.id) {
    return domain;
  }
  const total = Number(denials);
  const hasTotal = Number.isSafeInteger(total) && total >= 0;
  return {
    ...domain,
    status: 'gone',
    deallocated_at: event['@timestamp'],
    denials: {
      ...domain.denials,
      ...(hasTotal ? { total, unlogged: Math.max(0, total - domain.denials.logged) } : {}),
    },
  };
}
