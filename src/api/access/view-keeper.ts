// Saved views over the connection that writes; whose they are follows from who asks.

import {
  accountOwner,
  createView,
  deleteView,
  getView,
  replaceView,
  SERVER_OWNER,
  tokenOwner,
  type ViewOwner,
} from '../../store/access/views.ts';
import type { Database } from '../../store/database/open.ts';
import type { ViewKeeper } from '../deps.ts';
import type { Principal } from './principal.ts';

/** Throws as the database does: acts are performed with it, which say why. */
export function toViewKeeper(db: Database): ViewKeeper {
  return {
    get: (id, owner) => getView(db, { id, owner }),
    create: (owner, view, nowMs) => createView(db, owner, view, nowMs),
    replace: (before, view, nowMs) => replaceView(db, before, view, nowMs),
    delete: (id) => deleteView(db, id),
  };
}

/** Whoever came in by a link or by the server's socket is the server's owner. */
export function viewOwnerOf({ session, token, name = '' }: Principal): ViewOwner {
  if (session !== undefined && session.account !== null) return { key: accountOwner(session.account), name };
  return token === undefined ? { key: SERVER_OWNER, name: 'server' } : { key: tokenOwner(token), name };
}
