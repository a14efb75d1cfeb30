import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/landlock/decoder.ts';
import type { Denial, Document } from '../../src/landlock/document.ts';
import { documentToJson } from '../../src/landlock/document-json.ts';

const CORPUS = new URL('../fixtures/conformance/', import.meta.url).pathname;

function decodeFile(path: string): Document[] {
  const documents: Document[] = [];
  const decoder = new Decoder({
    hostFor: () => ({ id: 'h', name: 'a "b"', boot: { id: 'b', derived: true } }),
    completesOn: 'proctitle',
    onDocument: (doc) => documents.push(doc),
  });
  for (const line of readFileSync(path, 'latin1').split('\n')) decoder.pushLine(line);
  decoder.end();
  return documents;
}

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

describe('documentToJson', () => {
  it('says what JSON.stringify says, for every document of the corpus', () => {
    let count = 0;
    for (const entry of readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })) {
      if (!entry.endsWith('.log')) continue;
      for (const document of decodeFile(join(CORPUS, entry))) {
        expect(documentToJson(document)).toBe(JSON.stringify(document));
        count++;
      }
    }
    expect(count).toBeGreaterThan(1000);
  });

  it('says what JSON.stringify says, whatever the strings and whatever is absent', () => {
    const endpoint = optional(fc.record({ ip: text, port: fc.nat(65_535) }, { requiredKeys: [] }));
    const id = fc.record({ id: text });
    fc.assert(
      fc.property(
        fc.record({
          reason: text,
          blockers: fc.array(text),
          object: fc.record({ kind: text, name: text, ioctl_command: text }, { requiredKeys: ['kind'] }),
          target: optional(fc.constant({ process: { pid: 1, name: 'x' } })),
          file: optional(
            fc.record({ path: text, path_raw: text, name: text, device: text, inode: text }, { requiredKeys: [] }),
          ),
          source: endpoint,
          destination: endpoint,
          process: optional(
            fc.record(
              {
                pid: fc.integer(),
                parent: fc.record({ pid: fc.nat() }),
                name: text,
                executable: text,
                args: fc.array(text),
                working_directory: text,
                tty: text,
                session_id: fc.nat(),
              },
              { requiredKeys: [] },
            ),
          ),
          user: optional(
            fc.record({ id: text, audit: id, effective: id, saved: id, filesystem: id }, { requiredKeys: [] }),
          ),
          group: optional(id),
          syscall: optional(
            fc.record({ arch: text, name: text, number: fc.integer(), exit: fc.integer() }, { requiredKeys: [] }),
          ),
          tags: optional(fc.constant(['canary' as const])),
        }),
        ({ reason, blockers, object, target, ...rest }) => {
          const denial = JSON.parse(
            JSON.stringify({
              kind: 'denial',
              '@timestamp': '2026-03-01T10:00:00.268Z',
              event: {
                id: 'a'.repeat(26),
                sequence: 7,
                action: 'violated-landlock-policy',
                outcome: 'failure',
                category: ['file'],
                type: ['denied'],
                reason,
              },
              host: { id: 'h', boot: { id: 'b' } },
              landlock: { domain: { id: '1af' }, blockers, object, actor_certainty: 'certain', target },
              ...rest,
            }),
          ) as Denial;
          expect(JSON.parse(documentToJson(denial))).toEqual(denial);
        },
      ),
    );
  });
});
