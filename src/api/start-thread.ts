// A worker thread from a module of ours, built or not.
import { Worker } from 'node:worker_threads';
import type { SiblingModule } from '../runtime/sibling-module.ts';

/** Starts `module` in a thread with `workerData`. */
export function startThread(module: SiblingModule, workerData: unknown): Worker {
  if (module.execArgv.length === 0) {
    return new Worker(module.url, { workerData });
  }
  // From source: Node 20 does not apply --import to threads, so the thread registers the loader itself.
  const bootstrap = `import('tsx/esm/api').then(({ register }) => {
    register();
    return import(${JSON.stringify(module.url.href)});
  });`;
  return new Worker(bootstrap, { eval: true, workerData });
}
