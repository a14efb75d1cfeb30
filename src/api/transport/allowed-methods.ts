// Which methods a path has, so that a request by another one hears that (405), and not that there is nothing (404).
import type { App } from '../deps.ts';

/** Answers the methods of a path, sorted; none where it is no route's. Knows the routes registered after this. */
export function followMethods(app: App): (path: string) => readonly string[] {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: toPattern(url), methods: new Set() };
    routes.set(url, route);
    for (const one of [method].flat()) route.methods.add(one);
  });
  return (path) => {
    const found = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(found.flatMap(({ methods }) => [...methods]))].sort();
  };
}

/** Of a route's `/hosts/:id` or `/assets/*`. */
function toPattern(url: string): RegExp {
  const source = url
    .replace(/[.?+^$()[\]{}|\\-]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\*/g, '.*');
  return new RegExp(`^${source}$`);
}
