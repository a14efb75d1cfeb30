// Starting a worker thread from a module of ours, both from the built dist/*.js and, in tests and during
// development, from src/*.ts. Node 20 ignores `--import` in a worker's execArgv, so a source module is loaded by a
// one-line program that registers tsx first.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { SiblingModule } from './sibling-module.ts';

/** Starts `module` (see siblingModule) in a thread of its own. */
export function startSiblingWorker(module: SiblingModule, options: WorkerOptions): Worker {
  if (module.execArgv.length === 0) return new Worker(module.url, options);
  // require() only finds the CommonJS twin, whose register() fails when it was imported.
  const tsx = pathToFileURL(
    createRequire(import.meta.url)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  );
  const program = `import { register } from ${JSON.stringify(tsx.href)}; register(); await import(${JSON.stringify(module.url.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), options);
}
