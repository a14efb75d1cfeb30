import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Decoder } from '../../src/landlock/decoder.ts';
import type { Document } from '../../src/landlock/document.ts';
import { getDocument } from '../../src/store/denials/documents.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { hostOf } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const captures = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));

interface Decoded {
  readonly doc: Document;
  readonly raw: string | undefined;
}

/** All documents of all captures, as from one machine with a boot for each file. */
function decodeAll(): readonly Decoded[] {
  const decoded: Decoded[] = [];
  for (const name of readdirSync(captures, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.log')) continue;
    const host = hostOf({ boot: name });
    const decoder = new Decoder({
      hostFor: () => host,
      completesOn: 'eoe',
      onDocument: (doc, raw) => decoded.push({ doc, raw }),
    });
    for (const line of readFileSync(`${captures}${name}`, 'latin1').split('\n')) decoder.pushLine(line);
    decoder.end();
  }
  return decoded;
}

it('what real kernels wrote comes back as it was decoded, with its records', () => {
  const db = temporaryDatabase();
  const decoded = decodeAll();
  expect(decoded.length).toBeGreaterThan(500);
  const lines = decoded.map(({ doc, raw }) => (raw === undefined ? { doc } : { doc, raw }));
  const result = new EventWriter(db).write(lines, 0);
  expect(result.rejected).toEqual([]);
  expect(result.stored).toBe(new Set(decoded.map(({ doc }) => doc.event.id)).size);
  for (const { doc, raw } of decoded) {
    const stored = getDocument(db, doc.event.id);
    expect(stored?.doc).toEqual(doc);
    if (raw !== undefined) {
      expect(stored?.records.join('\n')).toBe(raw);
    }
  }
});

it('the sentences of real denials become few templates', () => {
  const db = temporaryDatabase();
  new EventWriter(db).write(decodeAll(), 0);
  const { denials, sentences } = db
    .prepare<[], { denials: number; sentences: number }>(
      'SELECT count(*) AS denials, count(DISTINCT s.reason) AS sentences FROM denials d JOIN shapes s ON s.id = d.shape',
    )
    .get() ?? { denials: 0, sentences: 0 };
  expect(sentences).toBeLessThan(denials / 4);
});
