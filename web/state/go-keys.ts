// The letters behind `g`, and the pages that they lead to. Pure.
import type { ListPage } from './page-address.ts';

export const GO_KEYS: readonly (readonly [letter: string, page: ListPage, title: string])[] = [
  ['o', 'overview', 'Overview'],
  ['d', 'denials', 'Denials'],
  ['i', 'issues', 'Issues'],
  ['s', 'domains', 'Domains (sandboxes)'],
  ['h', 'hosts', 'Hosts'],
  ['f', 'fleets', 'Fleets'],
  ['p', 'programs', 'Programs'],
  ['u', 'people', 'People (users)'],
  ['c', 'settings', 'Settings'],
];
