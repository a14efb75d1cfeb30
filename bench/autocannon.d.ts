// What of autocannon the bench uses; the package brings no types.
declare module 'autocannon' {
  namespace autocannon {
    interface Client {
      setHeaders(headers: Readonly<Record<string, string>>): void;
    }
    interface Options {
      readonly url: string;
      readonly connections: number;
      /** Seconds. */
      readonly duration: number;
      /** Seconds. */
      readonly timeout: number;
      readonly setupClient?: (client: Client) => void;
    }
    interface Result {
      readonly non2xx: number;
      readonly errors: number;
      readonly timeouts: number;
      /** Seconds. */
      readonly duration: number;
    }
    interface Run extends Promise<Result> {
      on(event: 'response', listener: (client: Client, status: number, bytes: number, ms: number) => void): void;
    }
  }
  function autocannon(options: autocannon.Options): autocannon.Run;
  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export default autocannon;
}
