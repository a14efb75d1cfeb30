// The whole way without a collector: turns audit on for a moment, listens as the collector does, provokes one denial and
// waits for its record. Audit is as it was before when this returns; a note in the runtime directory mends what a crash
// would leave behind.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Denial, Document } from '../../landlock/document.ts';
import { startCanary } from '../canary/canary.ts';
import { AuditListener } from '../kernel/audit-listener.ts';
import { borrowAudit } from '../kernel/borrowed-audit.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

const CHECK = 'canary';
const SEEN_MAX_MS = 3_000;
/** Its records are its own; the one about its domain comes with the denial. */
const REST_MAX_MS = 500;
const POLL_MS = 20;
const BUFFER_BYTES = 4 * 1024 * 1024;
const DOCUMENTS_MAX = 10_000;

/** `directory`: of the runtime, where the note goes and the canary's file is made. */
export async function tryCanary(directory: string): Promise<Finding> {
  const audit = await borrowAudit(directory, 0);
  const documents: Document[] = [];
  let listener: AuditListener | undefined;
  try {
    listener = new AuditListener({
      control: audit.control,
      receiveBufferBytes: BUFFER_BYTES,
      host: { id: '0', boot: { id: '0' } },
      onDocument: (doc) => {
        if (documents.length < DOCUMENTS_MAX) documents.push(doc);
      },
    });
    await listener.start();
    const canary = await startCanary({ directory });
    const outcome = await canary.done;
    if (!outcome.ok) return fail(CHECK, outcome.reason, outcome.mend);
    const denial = await waitFor(documents, canary.path);
    const ms = Math.round(performance.now() - canary.firedAt);
    return denial === undefined ? missed() : verdict(denial, documents, ms);
  } finally {
    await listener?.stop();
    await audit.giveBack();
  }
}

function missed(): Finding {
  return fail(
    CHECK,
    'the kernel refused the test, but no record of it arrived',
    'see the other lines; if none explains it, look at the kernel log (dmesg) for audit',
  );
}

function verdict(denial: Denial, documents: readonly Document[], ms: number): Finding {
  if (denial.process === undefined) {
    return warn(
      CHECK,
      `a real denial came back after ${ms} ms, but without the process that was refused`,
      'see audit-rules: a rule hides it',
    );
  }
  const { id } = denial.landlock.domain;
  const isDomainKnown = documents.some((doc) => doc.kind === 'domain-allocated' && doc.landlock.domain.id === id);
  if (isDomainKnown) return ok(CHECK, `a real denial came back after ${ms} ms, with its process and its domain`);
  return warn(CHECK, `a real denial came back after ${ms} ms, but nothing about its domain`, 'see audit-rules');
}

async function waitFor(documents: readonly Document[], path: string): Promise<Denial | undefined> {
  const find = () => documents.find((doc): doc is Denial => doc.kind === 'denial' && doc.file?.path === path);
  const isWhole = () =>
    documents.some((doc) => doc.kind === 'domain-allocated' && doc.landlock.domain.id === find()?.landlock.domain.id);
  let giveUpAt = performance.now() + SEEN_MAX_MS;
  let isFound = false;
  while (performance.now() < giveUpAt) {
    if (!isFound && find() !== undefined) {
      isFound = true;
      giveUpAt = performance.now() + REST_MAX_MS;
    }
    if (isFound && isWhole()) break;
    await sleep(POLL_MS);
  }
  return find();
}

/** Why there was no trial. */
export function canaryUntried(because: string): Finding {
  return unknown(CHECK, `not tried: ${because}`);
}
