// Builds the page into dist/web and serves it during development. The server of the project sends it with a
// content security policy that allows nothing inline and nothing foreign, so nothing here may inline anything.
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { apiDocs } from './api-docs-files.ts';

/** Where a running server answers; `TRESPASS_URL` points the development server elsewhere. */
const apiOrigin = process.env.TRESPASS_URL ?? 'http://127.0.0.1:1423';

/** The chosen theme is set by script: hold the first paint until it has run, so that no wrong one flashes. */
const blockRendering: Plugin = {
  name: 'block-rendering',
  enforce: 'post',
  transformIndexHtml: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [blockRendering, apiDocs(join(import.meta.dirname, '../dist/web'))],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: true,
    // One file for what most pages have in common, beside one for each page: else there were forty small ones.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'common', test: /\/web\/\w+\//, minShareCount: 3 }] } },
    },
  },
  server: {
    proxy: {
      '/api': { target: apiOrigin },
      '/sign-in': { target: apiOrigin },
    },
  },
});
