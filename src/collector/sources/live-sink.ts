// Joins an InputReader, which gives parsed records, to a collector's RecordSink, which takes what the kernel sends.
import { stampText } from '../../audit/record-line.ts';
import type { ReaderSink } from './input-reader.ts';
import type { RecordSink } from './source.ts';

/** Hands everything over in the form of the kernel's messages; the node is a key of `SourceHosts`. */
export function liveSink(sink: RecordSink): ReaderSink {
  return {
    record({ type, seconds, millis, serial, text, node }) {
      sink.record(type, `audit(${stampText(seconds, millis)}:${serial}): ${text}`, node);
    },
    malformed: (input) => sink.malformed(input),
    notice: (line, node) => sink.notice(line, node),
  };
}
