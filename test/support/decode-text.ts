// Runs the decoder over a text in the tests' way: one host, everything collected.
import { Decoder, type DecoderCounts, type DecoderOptions } from '../../src/landlock/decoder.ts';
import type { Denial, Document, HostFields } from '../../src/landlock/document.ts';

export const TEST_HOST: HostFields = {
  id: '00112233445566778899aabbccddeeff',
  name: 'test-host',
  boot: { id: '11111111-2222-3333-4444-555555555555' },
};

export interface DecodedText {
  readonly documents: readonly Document[];
  readonly denials: readonly Denial[];
  readonly raws: readonly (string | undefined)[];
  readonly counts: DecoderCounts;
}

/** Decodes whole lines (latin1). */
export function decodeText(text: string, options: Partial<DecoderOptions> = {}): DecodedText {
  const documents: Document[] = [];
  const raws: (string | undefined)[] = [];
  const decoder = new Decoder({
    hostFor: () => TEST_HOST,
    completesOn: 'proctitle',
    onDocument: (doc, raw) => {
      documents.push(doc);
      raws.push(raw);
    },
    ...options,
  });
  decoder.pushChunkLines(text, { file: 'test', line: 1 });
  decoder.end();
  const denials = documents.filter((doc): doc is Denial => doc.kind === 'denial');
  return { documents, denials, raws, counts: decoder.counts };
}
