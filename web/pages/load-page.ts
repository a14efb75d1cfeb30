// Which page an address shows. The code of a page is loaded when it is opened first.
import type { PageName, View } from '../state/page-address.ts';
import type { Page, PageOptions } from './page.ts';

export type MakePage = new (view: View, options: PageOptions) => Page;

const LOADERS: Readonly<Record<PageName, () => Promise<MakePage>>> = {
  overview: async () => (await import('./overview-page.ts')).OverviewPage,
  denials: async () => (await import('./denials-page.ts')).DenialsPage,
  issues: async () => (await import('./issues-page.ts')).IssuesPage,
  issue: async () => (await import('./issue-page.ts')).IssuePage,
  domains: async () => (await import('./domains-page.ts')).DomainsPage,
  domain: async () => (await import('./domain-page.ts')).DomainPage,
  hosts: async () => (await import('./hosts-page.ts')).HostsPage,
  host: async () => (await import('./host-page.ts')).HostPage,
  fleets: async () => (await import('./fleets-page.ts')).FleetsPage,
  fleet: async () => (await import('./fleet-page.ts')).FleetPage,
  programs: async () => (await import('./programs-page.ts')).ProgramsPage,
  people: async () => (await import('./people-page.ts')).PeoplePage,
  nothing: async () => (await import('./nothing-page.ts')).NothingPage,
  settings: async () => (await import('./settings-page.ts')).SettingsPage,
};

/** Rejects where the server cannot be reached, or has another version by now than the one that this page is of. */
export function loadPage(name: PageName): Promise<MakePage> {
  return LOADERS[name]();
}
