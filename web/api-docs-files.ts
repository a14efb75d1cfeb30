// Puts the viewer of the API beside the dashboard: the page in web/api-docs and Swagger UI's own two files.
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const FILES = ['swagger-ui-bundle.js', 'swagger-ui.css'];

/** `into`: the folder that the build makes. */
export function apiDocs(into: string): Plugin {
  const pack = dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json'));
  return {
    name: 'api-docs',
    apply: 'build',
    closeBundle() {
      const folder = join(into, 'api-docs');
      mkdirSync(folder, { recursive: true });
      cpSync(join(import.meta.dirname, 'api-docs'), folder, { recursive: true });
      for (const file of FILES) cpSync(join(pack, 'static', file), join(folder, file));
    },
  };
}
