// What the kernel logs while a test does something, decoded.
import { setTimeout as sleep } from 'node:timers/promises';
import { openMulticast } from '../../src/collector/netlink/audit-socket.ts';
import { forEachRecord } from '../../src/collector/netlink/record-batch.ts';
import { BatchedReader } from '../../src/collector/netlink/record-stream.ts';
import { Decoder } from '../../src/landlock/decoder.ts';
import type { Document } from '../../src/landlock/document.ts';
import { readAuditStatus, setAuditStatus } from '../support/audit-status.ts';

/** The kernel frees a domain some time after its last process has ended. */
const WAIT_MAX_MS = 30_000;

/** Everything that the kernel logs from `act` on, decoded, until `isComplete` is content with it. */
export async function listenDuring(
  act: () => void,
  isComplete: (seen: readonly Document[]) => boolean,
): Promise<Document[]> {
  setAuditStatus({ ...readAuditStatus(), enabled: 1, backlogLimit: 8192 });
  const documents: Document[] = [];
  const decoder = new Decoder({
    hostFor: () => ({ id: 'here', boot: { id: 'now' } }),
    completesOn: 'eoe',
    onDocument: (document) => documents.push(document),
  });
  const { fd } = openMulticast(8 * 1024 * 1024);
  const stream = new BatchedReader(fd, 'drop');
  await stream.start({
    batch: (bytes) => forEachRecord(bytes, (type, payload) => decoder.pushRecord(type, payload)),
    overrun: () => {},
    overflow: () => {},
    ended: () => {},
  });
  act();
  const giveUpAt = performance.now() + WAIT_MAX_MS;
  do {
    await sleep(100);
    decoder.sweep();
  } while (!isComplete(documents) && performance.now() < giveUpAt);
  await stream.stop(5_000);
  decoder.end();
  return documents;
}
