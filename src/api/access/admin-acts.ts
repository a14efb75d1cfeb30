// The log of administration as routes write it: an act with its entry in one transaction, and attempts that were
// refused, of which only so many are kept an hour, or whoever guesses passwords could fill the log.
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Actor, type AdminAct, performAct, recordAct } from '../../store/access/admin-acts.ts';
import type { Database } from '../../store/database/open.ts';
import { StoreError, toStoreError } from '../../store/database/store-error.ts';

export interface Acts {
  /** Does `work` and logs it as `describe` says, both or neither; undefined: nothing came of it. Throws StoreError. */
  perform<T>(work: () => T, describe: (result: T) => AdminAct | undefined, nowMs: number): T;
  /** Logs an attempt; never throws. */
  noteRefused(act: AdminAct, nowMs: number): void;
}

const REFUSED_PER_HOUR_MAX = 120;
const HOUR_MS = 3_600_000;

/** Over a connection that can write. */
export function toActs(db: Database, log: Pick<Logger, 'warn'>): Acts {
  let hour = -1;
  let refused = 0;
  return {
    perform(work, describe, nowMs) {
      try {
        return performAct(db, work, describe, nowMs);
      } catch (error) {
        throw toStoreError(error, db.name);
      }
    },
    noteRefused(act, nowMs) {
      log.warn({ act }, 'refused');
      const thisHour = Math.floor(nowMs / HOUR_MS);
      refused = thisHour === hour ? refused + 1 : 1;
      hour = thisHour;
      if (refused > REFUSED_PER_HOUR_MAX) {
        return;
      }
      try {
        recordAct(db, act, 'refused', nowMs);
      } catch (error) {
        // Full, locked or broken: the answer is a refusal all the same, and the log of the server has it.
        if (!(toStoreError(error, db.name) instanceof StoreError)) throw error;
      }
    },
  };
}

/** Who sends `request`, and where from. */
export function actorOf(request: FastifyRequest): Actor {
  const actor = request.principal?.actor ?? { kind: 'nobody', name: '' };
  return actor.kind === 'socket' ? actor : { ...actor, address: request.ip };
}
