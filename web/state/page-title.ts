// What the tab of the browser says. Pure.
import type { View } from './page-address.ts';

/** Holds nothing but our own words and checked ids: titles are shown where nothing marks odd characters. */
export function pageTitle(view: View): string {
  switch (view.page) {
    case 'overview':
      return 'Trespass';
    case 'denials':
      return 'Denials – Trespass';
    case 'issues':
      return 'Issues – Trespass';
    case 'issue':
      return `Issue ${view.issue?.slice(0, 8) ?? ''} – Trespass`;
    case 'domains':
      return 'Domains – Trespass';
    case 'domain':
      return `Domain ${view.domain ?? ''} – Trespass`;
    case 'hosts':
      return 'Hosts – Trespass';
    case 'host':
      return 'Host – Trespass';
    case 'fleets':
      return 'Fleets – Trespass';
    case 'fleet':
      return 'Fleet – Trespass';
    case 'people':
      return 'People – Trespass';
    case 'settings':
      return 'Settings – Trespass';
    case 'nothing':
      return 'Nothing here – Trespass';
    case 'programs':
      return 'Programs – Trespass';
  }
}
