// The version that this program reports of itself. package.json is the only place that says it.
import { readFileSync } from 'node:fs';

/** `version` of package.json, read when the module is loaded: before any privilege is dropped. */
export const packageVersion: string = readVersion();

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version;
  }
  return '0.0.0';
}
