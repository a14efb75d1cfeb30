// Documents as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
import type { Denial, DomainAllocated, DomainCreated, DomainDeallocated } from '../../landlock/document.ts';
import { domainWithoutSensitive, withoutSensitive } from '../access/sensitive.ts';
import type { StreamHeartbeat, StreamOverflow } from '../schemas/stream.ts';

/** What a stream carries. */
export type StreamDocument = Denial | DomainAllocated | DomainCreated | DomainDeallocated;

/** One document for all streams: as whole text, and without what needs read-sensitive. Each is made when needed. */
export interface SseText {
  readonly whole: string;
  readonly withoutSensitive: string;
}

/** `document` as an event: `denial` or `domain`, with its event id. */
export function toSseText(document: StreamDocument): SseText {
  let whole: string | undefined;
  let plain: string | undefined;
  return {
    get whole() {
      whole ??= documentEvent(document, document);
      return whole;
    },
    get withoutSensitive() {
      plain ??= documentEvent(
        document,
        document.kind === 'denial' ? withoutSensitive(document) : domainWithoutSensitive(document),
      );
      return plain;
    },
  };
}

/** `shown`: as much of it as its readers may see. */
function documentEvent(document: StreamDocument, shown: object): string {
  // Only denials have an id: Last-Event-ID is what /denials/stream goes on from.
  const id = document.kind === 'denial' ? `id: ${document.event.id.replace(/[\r\n\0]/g, '')}\n` : '';
  const name = document.kind === 'denial' ? 'denial' : 'domain';
  return `${id}event: ${name}\ndata: ${JSON.stringify(shown)}\n\n`;
}

/** The first event, and then one every 15 seconds. */
export function heartbeatEvent(data: StreamHeartbeat): string {
  return `event: heartbeat\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Says that denials are missing in the stream. */
export function overflowEvent(data: StreamOverflow): string {
  return `event: overflow\ndata: ${JSON.stringify(data)}\n\n`;
}
