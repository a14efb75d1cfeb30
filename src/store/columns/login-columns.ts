// Whose process it was, and where it belonged: what a row of actors holds beside its program and name, as JSON.
import type { Denial } from '../../landlock/document.ts';
import { plainNumber } from './plain-number.ts';

export interface Login {
  readonly user?: NonNullable<Denial['user']>;
  readonly group?: NonNullable<Denial['group']>;
  readonly tty?: string;
  readonly session_id?: number;
  readonly package?: NonNullable<Denial['package']>;
  readonly systemd?: NonNullable<Denial['systemd']>;
  readonly container?: NonNullable<Denial['container']>;
  readonly attribution?: 'best_effort';
}

/** Whose process it was. */
export function loginText(doc: Denial): string {
  const { user, group, process, package: owner, systemd, container } = doc;
  const { attribution } = doc.landlock;
  const place = { package: owner, systemd, container, attribution };
  return JSON.stringify({ user, group, tty: process?.tty, session_id: process?.session_id, ...place });
}

/** The numbers of `user.id` and `user.audit.id`; null where absent or not a plain decimal number. */
export function loginIds(login: string): { readonly uid: number | null; readonly auditUid: number | null } {
  const { user } = toLogin(login);
  return { uid: plainNumber(user?.id), auditUid: plainNumber(user?.audit?.id) };
}

/** What else of an actor is looked for. */
export function loginPlace(login: string): Pick<Login, 'package' | 'systemd'> {
  return toLogin(login);
}

export function toLogin(text: string): Login {
  return JSON.parse(text);
}
