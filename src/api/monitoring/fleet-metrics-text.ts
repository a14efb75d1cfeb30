// The fleets in the text for Prometheus (metrics-text.ts): the last 24 hours of each.
import { GAP_CAUSES } from '../../landlock/document.ts';
import type { AllFleetFacts, FleetFacts, LabelledPart } from '../../store/fleets/fleet-facts.ts';
import type { MetricsText, Sample } from './prometheus-text.ts';

const SPAN = 'in the last 24 hours';

export function addFleets(text: MetricsText, { fleets, omitted }: AllFleetFacts): void {
  text.one('trespass_fleets_omitted', 'Fleets that have no numbers here: the largest ones have.', omitted);
  const gauge = (name: string, help: string, samplesOf: (facts: FleetFacts) => readonly Sample[]) =>
    text.add(`trespass_fleet_${name}`, 'gauge', help, fleets.flatMap(samplesOf));
  const number = (name: string, help: string, read: (facts: FleetFacts) => number | undefined) =>
    gauge(name, help, (facts) => {
      const value = read(facts);
      return value === undefined ? [] : [[{ fleet: facts.fleet }, value]];
    });
  const parts = (name: string, label: string, help: string, read: (facts: FleetFacts) => readonly LabelledPart[]) => {
    const samples = (of: 'denials' | 'hosts') => (facts: FleetFacts) =>
      read(facts).map((part): Sample => [{ fleet: facts.fleet, [label]: part.label }, part[of]]);
    gauge(`denials_by_${name}`, `Denials ${SPAN}, ${help}`, samples('denials'));
    gauge(`hosts_affected_by_${name}`, `Hosts that something was denied on ${SPAN}, ${help}`, samples('hosts'));
  };
  gauge(
    'hosts',
    `Hosts: all, those that something was heard of ${SPAN}, and those that something was denied on.`,
    (f) => [
      [{ fleet: f.fleet, of: 'all' }, f.hosts_total],
      [{ fleet: f.fleet, of: 'reporting' }, f.hosts_reporting],
      [{ fleet: f.fleet, of: 'affected' }, f.hosts_affected],
    ],
  );
  number('denials', `Denials ${SPAN}.`, ({ denials }) => denials);
  number('host_up_seconds', `Time that hosts were up and heard of ${SPAN}, added up.`, (facts) =>
    Math.round(facts.host_days * 86_400),
  );
  number(
    'denials_per_100_host_days',
    `Denials for 100 host-days ${SPAN}; absent below one host-day.`,
    (facts) => facts.per_100_host_days,
  );
  number(
    'unlogged_share',
    `Of the denials of domains that ended ${SPAN}, the part that was not logged; absent without such.`,
    (facts) => facts.unlogged_share,
  );
  number('malformed', `Records that were not understood ${SPAN}.`, ({ malformed }) => malformed);
  gauge('lost', `What is known to be missing ${SPAN}, by cause, each in its unit.`, ({ fleet, lost }) =>
    GAP_CAUSES.map((cause): Sample => [{ fleet, cause }, lost.find((one) => one.cause === cause)?.count ?? 0]),
  );
  number('sandboxed_programs', `Programs that made a sandbox or a domain ${SPAN}.`, ({ usage }) => usage.programs);
  number('domains', `Domains that were seen to be made ${SPAN}.`, ({ usage }) => usage.domains);
  number(
    'domains_per_host_day',
    `Domains that were seen to be made for a host-day ${SPAN}; absent below one.`,
    ({ usage }) => usage.domains_per_host_day,
  );
  gauge(
    'version_issues',
    'Issues that are new, regressed or fixed in versions of packages that something was denied to since yesterday began.',
    ({ fleet, version_issues: issues }) => Object.entries(issues).map(([change, n]): Sample => [{ fleet, change }, n]),
  );
  parts('blocker', 'blocker', 'by blocker; one with several counts in each.', (facts) => facts.by_blocker);
  parts('abi', 'abi', 'by version of Landlock.', (facts) => facts.by_abi);
  parts('kernel', 'kernel', 'by series of kernels.', (facts) => facts.by_kernel);
}
