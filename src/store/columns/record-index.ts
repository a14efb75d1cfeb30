// event.id is a hash of what a denial's row says (host, boot, time, serial) and of the record's index in its event. So
// a row keeps the index alone, and the id is made again. Ids that are made of something else are kept whole
// (foreign_ids): of other sources than audit, or of someone who makes them up.
import { eventId } from '../../landlock/event-id.ts';

/** An index is below it. In the row's four bits, it says itself that the id is foreign. */
export const FOREIGN_INDEX = 15;

/** What an event's ids are made of, beside the index. */
export interface EventIdentity {
  readonly hostId: string;
  readonly bootId: string;
  readonly ms: number;
  readonly serial: number;
}

/** The id of the record `index` of an event. */
export function idOfRecord(event: EventIdentity, index: number): string {
  return eventId(event.hostId, event.bootId, stampOf(event.ms), event.serial, index);
}

/** SECONDS.MMM, as the record says it (src/audit/record-line.ts has it of a record's parts). */
function stampOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${seconds}.${String(ms - seconds * 1000).padStart(3, '0')}`;
}

/** Finds the index that an id was made with. Remembers the last event: its records come one after the other. */
export class RecordIndexes {
  #serial = -1;
  #ms = -1;
  #next = 0;

  /** FOREIGN_INDEX where there is none. */
  find(event: EventIdentity, id: string): number {
    const isSame = event.serial === this.#serial && event.ms === this.#ms;
    const first = isSame ? this.#next : 0;
    for (let i = 0; i < FOREIGN_INDEX; i++) {
      const index = (first + i) % FOREIGN_INDEX;
      if (idOfRecord(event, index) !== id) continue;
      this.#serial = event.serial;
      this.#ms = event.ms;
      this.#next = index + 1;
      return index;
    }
    return FOREIGN_INDEX;
  }
}
