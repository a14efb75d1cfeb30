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
      readonly connections: number;
      readonly non2xx: number;
      readonly errors: number;
      readonly timeouts: number;
      readonly requests: { readonly total: number };
      readonly latency: { readonly p50: number; readonly p97_5: number; readonly max: number };
    }
  }
  function autocannon(options: autocannon.Options): Promise<autocannon.Result>;
  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export default autocannon;
}
