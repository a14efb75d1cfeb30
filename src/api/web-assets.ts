// The dashboard's built files, read and compressed once at the start: after that the server needs no right to read
// its own installation. What is asked for is looked up by its exact path and never becomes a file name.
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

export interface WebAsset {
  readonly type: string;
  readonly etag: string;
  /** The name holds a hash of the content, so it never changes. */
  readonly isImmutable: boolean;
  readonly plain: Buffer;
  readonly gzip: Buffer | undefined;
  readonly brotli: Buffer | undefined;
}

/** By path from the root: `/index.html`, `/assets/main-1a2b3c.js`. */
export type WebAssets = ReadonlyMap<string, WebAsset>;

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.json', 'application/json; charset=utf-8'],
  ['.webmanifest', 'application/manifest+json'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.ico', 'image/x-icon'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
]);
const COMPRESSIBLE = /^(text\/|application\/(json|manifest)|image\/svg)/;
/** The dashboard has a dozen files; more than this is not the dashboard. */
const FILES_MAX = 500;
const FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Greater ones are compressed quickly, or the start would take a second longer for a page that few open. */
const THOROUGH_BYTES_MAX = 1024 * 1024;

/** Where the build puts the dashboard, seen from src/api as well as from dist/api. */
export function webDirectory(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../dist/web/' : '../web/', import.meta.url));
}

/** All files below `directory`; none where it is not there (the server then says that it has no dashboard). */
export function readWebAssets(directory: string): WebAssets {
  const assets = new Map<string, WebAsset>();
  for (const file of listFiles(directory)) {
    const type = TYPES.get(extname(file.name));
    if (type === undefined || assets.size >= FILES_MAX) {
      continue;
    }
    const path = join(file.parentPath, file.name);
    const content = readFileSync(path);
    if (content.length <= FILE_BYTES_MAX) {
      assets.set(`/${path.slice(directory.length).replace(/^\/+/, '')}`, toAsset(content, type, file.name));
    }
  }
  return assets;
}

function listFiles(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  } catch {
    return [];
  }
}

function toAsset(plain: Buffer, type: string, name: string): WebAsset {
  const isCompressible = COMPRESSIBLE.test(type) && plain.length > 512;
  const isThorough = plain.length <= THOROUGH_BYTES_MAX;
  return {
    type,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    isImmutable: /-[\w-]{8,}\.\w+$/.test(name),
    plain,
    gzip: isCompressible ? gzipSync(plain, { level: isThorough ? 9 : 4 }) : undefined,
    brotli:
      isCompressible && isThorough
        ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
        : undefined,
  };
}
