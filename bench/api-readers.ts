// 200 readers at once over loopback TCP as a process of their own: each with a token of its own and a question of the
// dashboard, asking the next time when it has its answer.
import autocannon from 'autocannon';

/** The arguments of the process, as JSON. */
export interface ReadersPlan {
  readonly address: string;
  readonly tokens: readonly string[];
  readonly seconds: number;
  readonly questions: readonly (readonly [name: string, path: string])[];
}

/** What the process prints, as a list in JSON: one for each question. */
export interface ReadersResult {
  readonly name: string;
  readonly readers: number;
  readonly failed: number;
  readonly seconds: number;
  /** Of each answer, in milliseconds. */
  readonly timesMs: readonly number[];
}

const TIMEOUT_SECONDS = 30;

async function read({ address, tokens, seconds, questions }: ReadersPlan): Promise<readonly ReadersResult[]> {
  const share = Math.floor(tokens.length / questions.length);
  return Promise.all(
    questions.map(async ([name, path], index) => {
      const isLast = index === questions.length - 1;
      const own = tokens.slice(index * share, isLast ? tokens.length : (index + 1) * share);
      const timesMs: number[] = [];
      let next = 0;
      const run = autocannon({
        url: `${address}${path}`,
        connections: own.length,
        duration: seconds,
        timeout: TIMEOUT_SECONDS,
        setupClient: (client) => client.setHeaders({ authorization: `Bearer ${own[next++ % own.length]}` }),
      });
      run.on('response', (_client, _status, _bytes, ms) => timesMs.push(Math.round(ms)));
      const { non2xx, errors, timeouts, duration } = await run;
      return { name, readers: own.length, failed: non2xx + errors + timeouts, seconds: duration, timesMs };
    }),
  );
}

if (process.argv[1] === import.meta.filename) {
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  process.stdout.write(JSON.stringify(await read(JSON.parse(process.argv[2] ?? ''))));
  process.disconnect();
}
