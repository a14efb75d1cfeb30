// What a denial was about and who ran into it, as short texts for a table. Pure; the texts hold what the records
// hold, so they go through record-text.ts on their way to the page.
import type { Denial } from '../../src/api/schemas/document.ts';

/** The object in a few characters: a path, an address, a socket's name, a process. Empty where nothing names it. */
export function objectText(denial: Denial): string {
  const { object, target } = denial.landlock;
  const name = object.name ?? denial.file?.path ?? denial.file?.name;
  if (name !== undefined) {
    return name;
  }
  const endpoint = denial.destination ?? denial.source;
  if (endpoint?.ip !== undefined || endpoint?.port !== undefined) {
    return endpointText(endpoint);
  }
  if (target !== undefined) {
    return processText(target.process.name, target.process.pid);
  }
  if (object.capability !== undefined) {
    return object.capability.name ?? `capability ${object.capability.number}`;
  }
  if (object.namespace !== undefined) {
    return `${object.namespace.type} namespace`;
  }
  if (denial.file?.inode !== undefined) {
    return `inode ${denial.file.inode}${denial.file.device === undefined ? '' : ` on ${denial.file.device}`}`;
  }
  return '';
}

/** `127.0.0.1:80`, `[::1]:80`, `port 80`. */
export function endpointText(endpoint: { readonly ip?: string; readonly port?: number }): string {
  if (endpoint.ip === undefined) {
    return endpoint.port === undefined ? '' : `port ${endpoint.port}`;
  }
  const ip = endpoint.ip.includes(':') ? `[${endpoint.ip}]` : endpoint.ip;
  return endpoint.port === undefined ? endpoint.ip : `${ip}:${endpoint.port}`;
}

/** The program by its own name, the last part of its path, or its process number. */
export function programText(denial: Denial): string {
  const { process } = denial;
  if (process === undefined) {
    return '';
  }
  return process.name ?? process.executable?.split('/').at(-1) ?? (process.pid === undefined ? '' : `${process.pid}`);
}

/** `systemd (1)`. */
export function processText(name: string | undefined, pid: number | undefined): string {
  if (name === undefined) {
    return pid === undefined ? '' : `process ${pid}`;
  }
  return pid === undefined ? name : `${name} (${pid})`;
}

/** The acting user, with the one who had logged in where that is another: `0 (login 1000)`. */
export function userText(denial: Denial): string {
  const id = denial.user?.id;
  const login = denial.user?.audit?.id;
  if (id === undefined) {
    return login === undefined ? '' : `(login ${login})`;
  }
  return login === undefined || login === id ? id : `${id} (login ${login})`;
}

/** Name of the host, or the beginning of its id. */
export function hostText(host: { readonly id: string; readonly name?: string }): string {
  return host.name ?? host.id.slice(0, 12);
}

export function isReplay(denial: Denial): boolean {
  return denial.tags?.includes('replay') ?? false;
}

export function isCanary(denial: Denial): boolean {
  return denial.tags?.includes('canary') ?? false;
}
