import { describe, expect, it } from 'vitest';
import { Announcement } from '../../src/cli/announcement.ts';
import { backoffMs } from '../../src/cli/supervised-child.ts';
import type { CollectorReady, ServerReady } from '../../src/runtime/supervision.ts';
import { testIo } from '../support/test-io.ts';

const server: ServerReady = {
  kind: 'server-ready',
  address: 'http://127.0.0.1:1423',
  signInUrl: 'http://127.0.0.1:1423/sign-in?code=one',
  databasePath: '/var/lib/trespass/trespass.db',
};
const collector: CollectorReady = {
  kind: 'collector-ready',
  landlockAbi: 7,
  auditEnabledBefore: 0,
  auditEnabled: 1,
  backlogLimitBefore: 64,
  backlogLimit: 8192,
  receiveBufferBytes: 64 * 1024 * 1024,
};

describe('the lines of trespass run', () => {
  it('come in one go and in one order, whoever is ready first', () => {
    const io = testIo();
    const announcement = new Announcement(io.stdout, true);
    announcement.serverReady(server);
    announcement.collectorReady(collector);
    expect(io.out()).toBe('');
    announcement.canary({ kind: 'canary', state: 'seen', latencyMs: 12.4 });
    expect(io.out()).toBe(`Landlock ABI 7
audit was off, is on now, and is put back at exit
backlog limit raised from 64 to 8192, receive buffer 64 MiB
canary seen after 12 ms
database /var/lib/trespass/trespass.db
dashboard http://127.0.0.1:1423
sign in once, within 15 minutes: http://127.0.0.1:1423/sign-in?code=one
`);
  });

  it('wait for no canary where none is wanted, and say what was as it should be', () => {
    const io = testIo();
    const announcement = new Announcement(io.stdout, false);
    announcement.collectorReady({ ...collector, auditEnabledBefore: 1, backlogLimitBefore: 8192 });
    announcement.serverReady(server);
    expect(io.out()).toContain(
      'audit is on, as it was\nbacklog limit 8192, as it was, receive buffer 64 MiB\ndatabase',
    );
  });

  it('say nothing of audit where records come from a log', () => {
    const io = testIo();
    const announcement = new Announcement(io.stdout, false);
    announcement.collectorReady({ ...collector, receiveBufferBytes: 0 });
    announcement.serverReady(server);
    expect(io.out()).toMatch(/^Landlock ABI 7\nrecords come from a log; audit is left alone\ndatabase /);
  });

  it('tell a missed canary with its reason, made harmless', () => {
    const io = testIo();
    const announcement = new Announcement(io.stdout, true);
    announcement.serverReady(server);
    announcement.collectorReady(collector);
    announcement.canary({ kind: 'canary', state: 'missed', reason: 'nothing\u001b[2J came' });
    expect(io.out()).toContain('canary missed: nothing\\x1b[2J came\n');
  });

  it('are followed by a line for what comes back', () => {
    const io = testIo();
    const announcement = new Announcement(io.stdout, false);
    announcement.serverReady(server);
    announcement.collectorReady(collector);
    const before = io.out().length;
    announcement.serverReady({ ...server, signInUrl: 'http://127.0.0.1:1423/sign-in?code=two' });
    announcement.collectorReady(collector);
    expect(io.out().slice(before)).toBe(
      'the server is back; sign in once, within 15 minutes: http://127.0.0.1:1423/sign-in?code=two\n' +
        'the collector is back\n',
    );
  });
});

describe('the pause before a start', () => {
  it('doubles from 100 ms to 10 s', () => {
    expect([1, 2, 3, 7, 8, 50].map(backoffMs)).toEqual([100, 200, 400, 6_400, 10_000, 10_000]);
  });
});
