// Which page an address shows.
import type { View } from '../state/page-address.ts';
import { DenialsPage } from './denials-page.ts';
import { DomainPage } from './domain-page.ts';
import { DomainsPage } from './domains-page.ts';
import { FleetPage } from './fleet-page.ts';
import { FleetsPage } from './fleets-page.ts';
import { HostPage } from './host-page.ts';
import { HostsPage } from './hosts-page.ts';
import { IssuePage } from './issue-page.ts';
import { IssuesPage } from './issues-page.ts';
import { OverviewPage } from './overview-page.ts';
import type { Page, PageOptions } from './page.ts';
import { PeoplePage } from './people-page.ts';
import { ProgramsPage } from './programs-page.ts';
import { SettingsPage } from './settings-page.ts';

export function createPage(view: View, options: PageOptions): Page {
  switch (view.page) {
    case 'overview':
      return new OverviewPage(view, options);
    case 'denials':
      return new DenialsPage(view, options);
    case 'issues':
      return new IssuesPage(view, options);
    case 'issue':
      return new IssuePage(view, options);
    case 'hosts':
      return new HostsPage(view, options);
    case 'host':
      return new HostPage(view, options);
    case 'fleets':
      return new FleetsPage(view, options);
    case 'fleet':
      return new FleetPage(view, options);
    case 'people':
      return new PeoplePage(view, options);
    case 'settings':
      return new SettingsPage(view, options);
    case 'programs':
      return new ProgramsPage(view, options);
    case 'domains':
      return new DomainsPage(view, options);
    case 'domain':
      return new DomainPage(view, options);
  }
}
