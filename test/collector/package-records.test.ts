import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPackages } from '../../src/collector/package-records.ts';
import { PackageReport } from '../../src/collector/package-report.ts';
import { PackageWatch } from '../../src/collector/package-watch.ts';

import { denial } from '../store/support/documents.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trespass-packages-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the records of packages', () => {
  it('are those of dpkg, under both names where /bin is a link', async () => {
    put('var/lib/dpkg/info/bash.list', '/.\n/bin\n/bin/bash\n/etc/skel/.bashrc\n');
    put('var/lib/dpkg/info/libc6:amd64.list', '/.\n/bin\n/lib/ä.so');
    put('var/lib/dpkg/info/bash.md5sums', '00 usr/bin/not-a-path\n');
    put(
      'var/lib/dpkg/status',
      'Package: bash\nStatus: install ok installed\nVersion: 5.2-1\n\nPackage: libc6\nArchitecture: amd64\nVersion: 2.36\n',
    );
    const { isPackaged, ownerOf } = await readPackages({ root });
    const paths = ['/bin/bash', '/usr/bin/bash', '/etc/skel/.bashrc', '/usr/etc/skel/.bashrc', '/usr/bin/not-a-path'];
    expect(paths.map(isPackaged)).toEqual([true, true, true, false, false]);
    expect(ownerOf('/usr/bin/bash')).toEqual({ name: 'bash', version: '5.2-1', type: 'dpkg' });
    expect(ownerOf('/usr/lib/ä.so')).toEqual({ name: 'libc6', version: '2.36', type: 'dpkg' });
  });

  it('are those of apk and pacman', async () => {
    put('lib/apk/db/installed', 'C:Q1\nP:busybox\nV:1.36-r5\nF:bin\nR:busybox\na:0:0:755\nF:etc\nR:securetty\n\n');
    put('var/lib/pacman/local/bash-5-1/desc', '%NAME%\nbash\n\n%VERSION%\n5-1\n');
    put('var/lib/pacman/local/bash-5-1/files', '%FILES%\nusr/\nusr/bin/\nusr/bin/bash2\n\n%BACKUP%\netc/bash\t00\n');
    const { isPackaged, ownerOf } = await readPackages({ root });
    const paths = ['/bin/busybox', '/etc/securetty', '/busybox', '/usr/bin/bash2', '/usr/'];
    expect(paths.map(isPackaged)).toEqual([true, true, false, true, false]);
    expect(['/bin/busybox', '/usr/bin/bash2'].map(ownerOf)).toEqual([
      { name: 'busybox', version: '1.36-r5', type: 'apk' },
      { name: 'bash', version: '5-1', type: 'pacman' },
    ]);
  });

  it("are those of rpm's tool where nothing else keeps any, however strange its lines are", async () => {
    put(
      'rpm',
      '#!/bin/sh\nprintf " bash 1:5.2-1.fc40\\n/usr/bin/bash\\n(contains no files)\\n not one\\n/usr/bin/x\\n"\n',
    );
    chmodSync(join(root, 'rpm'), 0o755);
    const { ownerOf } = await readPackages({ root, rpm: join(root, 'rpm') });
    expect(ownerOf('/usr/bin/bash')).toEqual({ name: 'bash', version: '1:5.2-1.fc40', type: 'rpm' });
    expect(ownerOf('/usr/bin/y')).toBeUndefined();
  });

  it('are none where no package manager keeps any, and as many as there are where there are many', async () => {
    expect((await readPackages({ root })).isPackaged('/usr/bin/env')).toBe(false);
    const paths = Array.from({ length: 20_000 }, (_, n) => `/opt/${n}/file`);
    put('var/lib/dpkg/info/many.list', `${paths.join('\n')}\n`);
    const index = await readPackages({ root });
    expect([index.size, paths.every(index.isPackaged), index.isPackaged('/opt/20000/file')]).toEqual([
      20_000,
      true,
      false,
    ]);
  });

  it('are read again when they changed, not more often than every half minute', async () => {
    let steadyMs = 0;
    const putVersion = (version: string, seconds: number) => {
      put('var/lib/dpkg/info/nginx.list', '/usr/sbin/nginx\n');
      put('var/lib/dpkg/status', `Package: nginx\nVersion: ${version}\n`);
      utimesSync(join(root, 'var/lib/dpkg/status'), seconds, seconds);
    };
    putVersion('1.22', 1_000);
    const watch = await PackageWatch.open({ root, steadyMs: () => steadyMs });
    const versionAt = async (ms: number) => {
      steadyMs = ms;
      watch.ownerOf('/usr/sbin/nginx');
      await watch.settled();
      return watch.ownerOf('/usr/sbin/nginx')?.version;
    };
    putVersion('1.24', 2_000);
    expect(await versionAt(29_000)).toBe('1.22');
    expect(await versionAt(40_000)).toBe('1.24');
    putVersion('1.26', 3_000);
    expect(await versionAt(65_000)).toBe('1.24');
    expect(await versionAt(80_000)).toBe('1.26');
  });

  it('that are told: when they change, and once an hour; also by a process that was started anew', () => {
    let steadyMs = 0;
    let version = '1';
    const open = () =>
      new PackageReport({
        directory: root,
        packages: {
          ownerOf: (path) => (path === '/usr/bin/bash' ? { name: 'bash', version, type: 'dpkg' } : undefined),
        },
        steadyMs: () => steadyMs,
      });
    const report = open();
    const bash = { name: 'bash', version: '1', type: 'dpkg' };
    expect(report.due()).toBeUndefined();
    report.see({ ...denial({ n: 1 }), package: bash, tags: ['canary'] });
    expect(report.due()).toBeUndefined();
    report.see({ ...denial({ n: 2 }), package: bash });
    expect([report.due(), report.due()]).toEqual([[bash], [bash]]);
    report.told([bash]);
    expect(report.due()).toBeUndefined();
    version = '2';
    expect(report.due()).toEqual([{ ...bash, version: '2' }]);
    report.told([{ ...bash, version: '2' }]);
    steadyMs = 3_600_000;
    expect(report.due()).toEqual([{ ...bash, version: '2' }]);
    expect(open().due()).toEqual([{ ...bash, version: '2' }]);
  });
});
