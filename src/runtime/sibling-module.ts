// Starting a worker thread or a child process from a module of ours, both from the built dist/*.js and, in tests
// and during development, from src/*.ts.

export interface SiblingModule {
  readonly url: URL;
  /** Node options that the new thread or process needs to load the module. */
  readonly execArgv: readonly string[];
}

/** `name` without its extension, relative to the caller: `siblingModule('./reader-worker', import.meta.url)`. */
export function siblingModule(name: string, importerUrl: string): SiblingModule {
  const isSource = new URL(importerUrl).pathname.endsWith('.ts');
  return {
    url: new URL(`${name}${isSource ? '.ts' : '.js'}`, importerUrl),
    execArgv: isSource ? ['--import', 'tsx'] : [],
  };
}
