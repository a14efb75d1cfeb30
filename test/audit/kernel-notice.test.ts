import { describe, expect, it } from 'vitest';
import { kernelNotice } from '../../src/audit/kernel-notice.ts';
import { parseLine } from '../../src/audit/parse-line.ts';

const LOST = 'audit: audit_lost=285 audit_rate_limit=0 audit_backlog_limit=64';

describe('a notice of the kernel', () => {
  it('tells how many records were not printed', () => {
    const suppressed = (line: string) => kernelNotice(line);
    const count = 12_897;
    for (const line of [
      `[   37.225163] kauditd_printk_skb: ${count} callbacks suppressed`,
      `4,3413,4915585562,-;kauditd_printk_skb: ${count} callbacks suppressed`,
      `<4>kauditd_printk_skb: ${count} callbacks suppressed`,
      `kauditd_printk_skb: ${count} callbacks suppressed\n`,
      `Nov 23 00:31:43 host kernel: [   37.225163] kauditd_printk_skb: ${count} callbacks suppressed`,
    ]) {
      expect(suppressed(line), line).toEqual({ kind: 'suppressed', count });
    }
  });

  it('tells the counter of lost records, whatever stands before it', () => {
    for (const line of [
      LOST,
      `[    6.129484] ${LOST}`,
      `kern  :warn  : [    6.129484] ${LOST}`,
      `4,3413,4915585562,-;${LOST}`,
      `Nov 23 00:31:43 host kernel: [    6.129484] ${LOST}`,
      `2026-11-23T00:31:43.1+01:00 host kernel: ${LOST}\r`,
    ]) {
      expect(kernelNotice(line), line).toEqual({ kind: 'lost', total: 285 });
    }
  });

  it.each([
    'backlog limit exceeded',
    'rate limit exceeded',
    'kauditd hold queue overflow',
    'kauditd retry queue overflow',
    'out of memory in audit_log_start',
  ])('tells the reason: %s', (reason) => {
    expect(kernelNotice(`[    6.129490] audit: ${reason}`)).toEqual({ kind: 'reason' });
  });

  it.each([
    '[   37.2] foo_bar: 7 callbacks suppressed',
    'sh: kauditd_printk_skb: 7 callbacks suppressed',
    'Nov 23 00:31:43 host sshd[7]: Invalid user kauditd_printk_skb: 7 callbacks suppressed',
    `Nov 23 00:31:43 host sshd[7]: ${LOST}`,
    `Nov 23 00:31:43 host sshd[7]: x kernel: ${LOST}`,
    `12,3413,4915585562,-;${LOST}`,
    `[    6.1] audit: type=1423 audit(1.002:3): comm="${LOST}"`,
    `[    6.1] audit: audit_lost=5 and more`,
    '[    6.129498] audit: audit_backlog=65 > audit_backlog_limit=64',
    '[    0.266044] audit: initializing netlink subsys (disabled)',
  ])('is not what only looks like one: %s', (line) => {
    expect(kernelNotice(line)).toBeUndefined();
  });

  it('is no record, and no malformed one either; a record that was cut is', () => {
    for (const text of ['audit_lost=1 audit_rate_limit=0 audit_backlog_limit=64', 'backlog limit exceeded']) {
      expect(parseLine(`[    6.1] audit: ${text}`)).toBeNull();
      expect(parseLine(`audit: ${text}`)).toBeNull();
    }
    expect(parseLine('[    0.266044] audit: initializing netlink subsys (disabled)')).toBeNull();
    expect(parseLine('[    6.1] audit: type')).toMatchObject({ kind: 'malformed' });
    expect(parseLine('[    6.1] audit: type=1423 audi')).toMatchObject({ kind: 'malformed' });
  });
});
