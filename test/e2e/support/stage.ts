// One browser and one mock server for a file of tests; each visit is a page in a context of its own that is closed
// after its test.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchBrowser, openPage, type Witness } from './browser.ts';
import { answersOf, type World } from './canned-answers.ts';
import { type Answers, type MockServer, startMockServer } from './mock-server.ts';

export interface Stage {
  readonly server: MockServer;
  /** `more` is asked first. */
  visit(
    path: string,
    world?: Partial<World>,
    options?: Parameters<typeof openPage>[2],
    more?: Answers,
  ): Promise<Witness>;
}

/** Call once, at the top of the file. */
export function useStage(): Stage {
  let browser: Browser | undefined;
  let server: MockServer | undefined;
  const open: Witness[] = [];
  const started = <T>(value: T | undefined): T => {
    if (value === undefined) {
      throw new Error('the stage is there from beforeAll to afterAll');
    }
    return value;
  };
  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startMockServer(() => undefined);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((witness) => witness.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get server() {
      return started(server);
    },
    async visit(path, world = {}, options = {}, more = () => undefined) {
      const plain = answersOf({ nowMs: Date.now(), ...world });
      started(server).setAnswers((...asked) => more(...asked) ?? plain(...asked));
      const witness = await openPage(started(browser), started(server).url + path, options);
      open.push(witness);
      return witness;
    },
  };
}
