// GET /metrics for Prometheus. Labels come from closed lists or from our own configuration, never from records.

import type { App, AppDeps } from '../deps.ts';
import { FleetGauges } from '../monitoring/fleet-gauges.ts';
import { toMetricsText } from '../monitoring/metrics-text.ts';
import { readStatus } from '../monitoring/status.ts';
import { clientGone } from '../transport/client-gone.ts';

export function registerMetrics(app: App, deps: AppDeps): void {
  const fleets = new FleetGauges(deps);
  app.get('/metrics', { config: { access: 'read' }, schema: { hide: true } }, async (_request, reply) => {
    const signal = clientGone(reply);
    const [status, facts, ofFleets] = await Promise.all([
      readStatus(deps, signal),
      deps.readers.ask('metricFacts', {}, { signal }),
      fleets.get(),
    ]);
    const text = toMetricsText({
      status,
      facts,
      fleets: ofFleets,
      denials: deps.denialsByBlocker.all(),
      queries: deps.queryTimes.all(),
      queryFailures: deps.queryTimes.failures,
      connectionsRefused: deps.connections.refused,
    });
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });
}
