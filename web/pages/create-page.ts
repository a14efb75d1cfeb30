// Which page an address shows.
import type { View } from '../state/page-address.ts';
import { DenialsPage } from './denials-page.ts';
import { DomainPage } from './domain-page.ts';
import { DomainsPage } from './domains-page.ts';
import { IssuePage } from './issue-page.ts';
import { IssuesPage } from './issues-page.ts';
import { OverviewPage } from './overview-page.ts';
import type { Page, PageOptions } from './page.ts';
import { ProgramsPage } from './programs-page.ts';

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
    case 'programs':
      return new ProgramsPage(view, options);
    case 'domains':
      return new DomainsPage(view, options);
    case 'domain':
      return new DomainPage(view, options);
  }
}
