// GET /metrics for Prometheus. Labels come from closed lists or from our own configuration, never from records.
import { clientGone } from '../client-gone.ts';
import type { App, AppDeps } from '../deps.ts';
import { toMetricsText } from '../metrics-text.ts';
import { readStatus } from '../status.ts';

export function registerMetrics(app: App, deps: AppDeps): void {
  app.get('/metrics', { config: { access: 'read' }, schema: { hide: true } }, async (_request, reply) => {
    const signal = clientGone(reply);
    const [status, facts] = await Promise.all([
      readStatus(deps, signal),
      deps.readers.ask('metricFacts', {}, { signal }),
    ]);
    const text = toMetricsText({
      status,
      facts,
      denials: deps.denialsByBlocker.all(),
      queries: deps.queryTimes.all(),
      queryFailures: deps.queryTimes.failures,
      connectionsRefused: deps.connections.refused,
    });
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });
}
