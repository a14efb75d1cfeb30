// Makes one file of `decode` and what only it loads, in place of dist/cli/decode.js: to load some seventy small modules
// takes longer than to decode ten thousand events. What other commands load too stays apart, so that it is there once
// (errors are told apart by their classes), and so does whatever looks for files beside itself.
import { dirname, join, resolve } from 'node:path';
import { defineConfig } from 'vite';

const DIST = join(import.meta.dirname, 'dist');
const ENTRY = join(DIST, 'cli/decode.js');
/** Code without a state that is shared, and without files of its own. */
const INLINED = [join(DIST, 'audit/'), join(DIST, 'landlock/'), join(DIST, 'collector/')];

function isApart(id: string, importer: string | undefined): boolean {
  if (importer === undefined || id === ENTRY) return false;
  const path = id.startsWith('.') ? resolve(dirname(importer), id) : id;
  return !INLINED.some((folder) => path.startsWith(folder));
}

export default defineConfig({
  publicDir: false,
  logLevel: 'warn',
  build: {
    ssr: ENTRY,
    target: 'node20',
    outDir: 'dist/cli',
    emptyOutDir: false,
    minify: false,
    rolldownOptions: { external: isApart, output: { entryFileNames: 'decode.js' } },
  },
});
