// The tests' own tool: audit comes back as it was.
import { expect, it } from 'vitest';
import { readAuditStatus, setAuditStatus } from '../support/audit-status.ts';
import { describeKernel } from '../support/kernel-lock.ts';

describeKernel('the audit status that tests note and restore', () => {
  it('reads back what it set', () => {
    const before = readAuditStatus();
    setAuditStatus({ enabled: before.enabled, backlogLimit: before.backlogLimit + 1 });
    expect(readAuditStatus().backlogLimit).toBe(before.backlogLimit + 1);
    setAuditStatus(before);
    expect(readAuditStatus()).toEqual(before);
  });
});
