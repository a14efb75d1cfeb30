// Trespass must decode the corpus in fixtures/conformance exactly, byte for byte. What the documents must say is
// checked against the truth that the test programs wrote elsewhere (test/landlock); this holds it in place.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeCommand } from '../src/cli/decode.ts';
import { runCommand } from './cli/captured-io.ts';

const CORPUS = new URL('./fixtures/conformance/', import.meta.url).pathname;

function logsOf(folder: string): string[] {
  return readdirSync(join(CORPUS, folder))
    .filter((name) => name.endsWith('.log'))
    .sort();
}

const FOLDERS = readdirSync(CORPUS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe.each(FOLDERS)('%s', (folder) => {
  it.each(logsOf(folder))('decodes %s to the expected documents', async (name) => {
    const input = readFileSync(join(CORPUS, folder, name));
    // Through standard input, so that no document names a path of this machine.
    const result = await runCommand(decodeCommand, ['--host', 'lab', '-'], input);
    // What must be refused as a whole is refused with the message that lies beside it.
    const [answer, ending] = result.exitCode === 0 ? [result.stdout, 'ndjson'] : [result.stderr, 'refusal.txt'];
    expect(result.stdout === '' || result.stderr === '').toBe(true);
    await expect(answer).toMatchFileSnapshot(join(CORPUS, folder, name.replace(/log$/, ending)));
  });
});
