// GET /metrics for Prometheus. Labels come from closed lists or from our own configuration, never from records.
import { clientGone } from '../client-gone.ts';
import type { App, AppDeps } from '../deps.ts';
import { toMetricsText } from '../metrics-text.ts';
import { readStatus } from '../status.ts';

export function registerMetrics(app: App, deps: AppDeps): void {
  app.get('/metrics', { config: { access: 'read' }, schema: { hide: true } }, async (_request, reply) => {
    const status = await readStatus(deps, clientGone(reply));
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(toMetricsText(status));
  });
}
