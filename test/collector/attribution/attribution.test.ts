import { describe, expect, it } from 'vitest';
import { Attribution } from '../../../src/collector/attribution/attribution.ts';
import { placeOfCgroup } from '../../../src/collector/attribution/cgroup-place.ts';
import type { ProcessAncestry } from '../../../src/collector/attribution/process-ancestry.ts';
import { allocated, denial } from '../../store/support/documents.ts';

const ID = 'f1'.repeat(32);

describe('the place of a control group', () => {
  it.each([
    ['/', {}],
    ['/system.slice/nginx.service', { systemd: { unit: 'nginx.service' } }],
    ['/system.slice/system-getty.slice/getty@tty1.service', { systemd: { unit: 'getty@tty1.service' } }],
    ['/user.slice/user-1000.slice/session-3.scope', { systemd: { unit: 'session-3.scope' } }],
    [
      '/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-12.scope/x',
      { systemd: { unit: 'user@1000.service', user_unit: 'app-firefox-12.scope' } },
    ],
    ['/user.slice/user-1000.slice/user@1000.service/init', { systemd: { unit: 'user@1000.service' } }],
    [`/system.slice/docker-${ID}.scope`, { systemd: { unit: `docker-${ID}.scope` }, container: { id: ID } }],
    [`/docker/${ID}/init.scope`, { container: { id: ID } }],
    [
      `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope/system.slice/x.service`,
      { systemd: { unit: `cri-containerd-${ID}.scope` }, container: { id: ID } },
    ],
    ['/system.slice/<b>.service', {}],
    ['/system.slice/_cgroup.service', { systemd: { unit: 'cgroup.service' } }],
    [`/a/${'x/'.repeat(5_000)}nginx.service`, {}],
  ])('%s', (path, expected) => {
    expect(placeOfCgroup(path)).toEqual(expected);
  });
});

describe('the attribution of a denial', () => {
  const bash = { name: 'bash', version: '5.2', type: 'dpkg' };
  type Found = ReturnType<ProcessAncestry['cgroupOf']>;

  function attributing() {
    const host: { found: Found; steadyMs: number; asked: number } = {
      found: { cgroup: '/system.slice/a.service' },
      steadyMs: 0,
      asked: 0,
    };
    const attribution = new Attribution({
      packages: { ownerOf: (path) => (path === '/usr/bin/bash' ? bash : undefined) },
      processes: {
        cgroupOf: () => {
          host.asked += 1;
          return host.found;
        },
      },
      steadyMs: () => host.steadyMs,
    });
    return { host, attribution };
  }

  it('is its package, unit and mark; the process is asked about once a minute', () => {
    const { host, attribution } = attributing();
    const doc = denial({ n: 1 });
    const told = attribution.add(doc);
    expect(told).toEqual({
      ...doc,
      landlock: { ...doc.landlock, attribution: 'best_effort' },
      package: bash,
      systemd: { unit: 'a.service' },
    });
    attribution.add(denial({ n: 2 }));
    expect(host.asked).toBe(1);
    Object.assign(host, { steadyMs: 61_000, found: { missing: 'gone' } });
    expect(attribution.add(denial({ n: 3 }))).toMatchObject({ systemd: { unit: 'a.service' } });
    Object.assign(host, { steadyMs: 70_000, found: { missing: 'other' } });
    expect(attribution.add(denial({ n: 4 }))).not.toHaveProperty('systemd');
  });

  it('is nothing at all where nothing is known', () => {
    const { host, attribution } = attributing();
    host.found = { missing: 'gone' };
    for (const doc of [denial({ n: 1, program: '/opt/x' }), allocated({ n: 2 })])
      expect(attribution.add(doc)).toBe(doc);
  });

  it("gives no package of the host's to what runs in a container, nor to its short-lived children", () => {
    const { host, attribution } = attributing();
    host.found = { cgroup: `/docker/${ID}` };
    const told = attribution.add(denial({ n: 1, pid: 5 }));
    expect(told).toMatchObject({ container: { id: ID } });
    expect(told).not.toHaveProperty('package');
    host.found = { missing: 'gone' };
    const child = attribution.add(denial({ n: 2, pid: 6 }));
    expect(child).toMatchObject({ container: { id: ID } });
    expect(child).not.toHaveProperty('package');
    expect(attribution.add(denial({ n: 3, pid: 6, domain: 'b' }))).toMatchObject({ package: bash });
  });
});
