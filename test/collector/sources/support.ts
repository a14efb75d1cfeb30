// What the tests of the sources share: a reader that keeps what it read.
import type { AuditRecord, MalformedRecord } from '../../../src/audit/record.ts';
import type { InputFormat } from '../../../src/collector/sources/input-format.ts';
import { InputReader } from '../../../src/collector/sources/input-reader.ts';
import { SourceHosts } from '../../../src/collector/sources/source-hosts.ts';

export const LOCAL = { id: 'local-id', name: 'here', bootId: 'real-boot', bootStartMs: 9_000_000_000_000 };

export function sourceHosts(): SourceHosts {
  return new SourceHosts({ local: LOCAL, hostIdOf: (machineId) => `host-of-${machineId}` });
}

export interface ReadBack {
  readonly records: AuditRecord[];
  readonly malformed: MalformedRecord[];
  /** Line and node. */
  readonly notices: [string, string][];
  readonly hosts: SourceHosts;
}

/** Everything that one input holds; `chunkSize` cuts it as a pipe might. */
export function readBack(bytes: Buffer | string, format?: InputFormat, chunkSize = 65_536): ReadBack {
  const all = Buffer.from(bytes);
  const result: ReadBack = { records: [], malformed: [], notices: [], hosts: sourceHosts() };
  const reader = new InputReader({
    name: 'log',
    format,
    hosts: result.hosts,
    sink: {
      record: (record) => result.records.push(record),
      malformed: (input) => result.malformed.push(input),
      notice: (line, node) => result.notices.push([line, node]),
    },
  });
  for (let offset = 0; offset < all.length; offset += chunkSize) reader.push(all.subarray(offset, offset + chunkSize));
  reader.end();
  return result;
}

/** `1423 7`: type and serial. */
export function brief(records: readonly AuditRecord[]): string[] {
  return records.map((record) => `${record.type} ${record.serial}`);
}
