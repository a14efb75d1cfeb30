// For load balancers and supervisors: whether the process lives, and whether it can do its work.
import type { App, AppDeps } from '../deps.ts';

export function registerHealth(app: App, deps: AppDeps): void {
  const options = { config: { access: 'public', rateLimit: false }, schema: { hide: true } } as const;
  app.get('/-/healthy', options, async (_request, reply) => reply.header('cache-control', 'no-store').send('ok\n'));
  app.get('/-/ready', options, async (_request, reply) => {
    const reason = deps.unready();
    reply.header('cache-control', 'no-store').code(reason === undefined ? 200 : 503);
    // Whoever is not signed in learns no more than that.
    return reply.send(reason === undefined ? 'ready\n' : 'not ready: see the log of the server\n');
  });
}
