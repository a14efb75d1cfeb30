import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AuditdPluginSource } from '../../../src/collector/sources/auditd-plugin.ts';
import { sourceHosts } from './support.ts';

async function plugin(write: (stdin: PassThrough) => void): Promise<{ seen: string[]; ended: unknown[] }> {
  const stdin = new PassThrough();
  const seen: string[] = [];
  const source = new AuditdPluginSource({ stdin, hosts: sourceHosts() });
  const ended = await new Promise<unknown[]>((resolve, reject) => {
    source
      .start({
        record: (type, payload, node) => seen.push(`${type} ${payload} ${node}`),
        notice: () => undefined,
        malformed: ({ reason }) => seen.push(reason),
        lost: () => undefined,
        room: () => undefined,
        ended: (error) => resolve([error]),
      })
      .catch(reject);
    write(stdin);
  });
  await source.stop();
  return { seen, ended };
}

describe('AuditdPluginSource', () => {
  it('reads lines with their EOE until auditd closes the pipe', async () => {
    const { seen, ended } = await plugin((stdin) => {
      stdin.write('node=lab type=UNKNOWN[1423] msg=audit(1.002:3): domain=1 blockers=pt');
      stdin.end('race\nnode=lab type=EOE msg=audit(1.002:3): \n');
    });
    expect(seen).toEqual(['1423 audit(1.002:3): domain=1 blockers=ptrace lab', '1320 audit(1.002:3):  lab']);
    expect(ended).toEqual([undefined]);
  });

  it('ends when it is stopped while the pipe stays open', async () => {
    const stdin = new PassThrough();
    const source = new AuditdPluginSource({ stdin, hosts: sourceHosts() });
    const ended: unknown[] = [];
    await source.start({
      record: () => undefined,
      notice: () => undefined,
      malformed: () => undefined,
      lost: () => undefined,
      room: () => undefined,
      ended: (error) => ended.push(error),
    });
    await source.stop();
    expect(ended).toEqual([undefined]);
  });
});
