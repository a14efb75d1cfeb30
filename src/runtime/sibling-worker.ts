// Starting a worker thread from a module of ours, both from the built dist/*.js and, in tests and during development,
// from src/*.ts. Node 20 ignores `--import` in a worker's execArgv, and a loader that is registered in each thread takes
// seconds for our many small modules: so a source module is bundled first, once for all threads and processes.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { SiblingModule } from './sibling-module.ts';

/** As deep as src/api or dist/api, so that what a module looks for beside the source is found from here too. */
const BUNDLES = new URL('../../node_modules/.bundles/', import.meta.url);

/** By the source module. */
const bundles = new Map<string, URL>();

/** Starts `module` (see siblingModule) in a thread of its own. */
export function startSiblingWorker(module: SiblingModule, options: WorkerOptions): Worker {
  return new Worker(module.execArgv.length === 0 ? module.url : bundleOf(module.url), options);
}

function bundleOf(source: URL): URL {
  let bundle = bundles.get(source.href);
  if (bundle === undefined) {
    bundle = writeBundle(source);
    bundles.set(source.href, bundle);
  }
  return bundle;
}

function writeBundle(source: URL): URL {
  const { buildSync }: typeof import('esbuild') = createRequire(import.meta.url)('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const text = outputFiles[0]?.text ?? '';
  const bundle = new URL(`${createHash('sha256').update(text).digest('hex')}.mjs`, BUNDLES);
  if (existsSync(bundle)) return bundle;
  mkdirSync(BUNDLES, { recursive: true });
  // Another process may do the same at this moment: whoever reads it finds it whole.
  const unfinished = new URL(`${bundle.href}.${process.pid}`);
  writeFileSync(unfinished, text);
  renameSync(unfinished, bundle);
  return bundle;
}
