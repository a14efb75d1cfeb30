import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPackages } from '../../../src/collector/attribution/package-records.ts';
import { PackageReport } from '../../../src/collector/attribution/package-report.ts';
import { PackageWatch } from '../../../src/collector/attribution/package-watch.ts';
import { denial } from '../../store/support/documents.ts';
import { findProgram } from '../../support/needed-program.ts';

const rpm = findProgram('rpm');
const rpmbuild = findProgram('rpmbuild');
const isRequired = process.env.TRESPASS_REQUIRE_KERNEL === '1';

/** https://wiki.alpinelinux.org/wiki/Apk_spec: one package after another, with an empty line behind each. */
const APK_INSTALLED = `C:Q1sPNzrfxgQFJnkrVDf7YSDKbgPCY=
P:busybox
V:1.37.0-r12
A:x86_64
S:510131
I:962560
T:Size optimized toolbox of many common UNIX utilities
U:https://busybox.net/
L:GPL-2.0-only
o:busybox
m:Sören Tempel <soeren+alpine@soeren-tempel.net>
t:1737456712
c:1d6ed8a3bb9a5ae4e6b9b3e3b0a8f1a2
D:so:libc.musl-x86_64.so.1
p:/bin/sh cmd:busybox=1.37.0-r12
r:busybox-initscripts
F:bin
R:busybox
a:0:0:755
Z:Q1hV0uJ6Jv6JjvUOnyJMIQJvBXNr4=
F:etc
R:securetty
Z:Q1mB95Hq2NUTZ599RDiSsj9w5FrOU=
F:tmp
M:0:0:1777

C:Q1xSJbXYQMXqgtkRFmyaWfRM6tqjA=
P:libcrypto3
V:3.3.2-r4
A:x86_64
F:etc
F:usr
F:usr/lib
R:libcrypto.so.3
a:0:0:755
Z:Q1nxVtx9Zr/dQTN8K2MeSIWOzW3tE=

`;

/** alpm: `desc` and `files` of a package; a backup has the sum of its text behind a tab. */
const PACMAN_DESC = `%NAME%
bash

%VERSION%
5.2.037-1

%BASE%
bash

%DESC%
The GNU Bourne Again shell

%ARCH%
x86_64

%LICENSE%
GPL-3.0-or-later

%DEPENDS%
readline
libreadline.so=8-64
glibc
ncurses

%PROVIDES%
sh

%XDATA%
pkgtype=pkg

`;
const PACMAN_FILES = `%FILES%
etc/
etc/bash.bashrc
etc/bash.bash_logout
etc/skel/
etc/skel/.bashrc
usr/
usr/bin/
usr/bin/bash

%BACKUP%
etc/bash.bashrc	3e1a1a3e1b8a4f8cdd1a6c7d3a4a1f7e
etc/bash.bash_logout	472f536d7c9e8250dc4568ec4cfaf294

`;

const SPEC = `Name: trespass-probe
Epoch: 3
Version: 1.2
Release: 4
Summary: A package with files
License: Apache-2.0
BuildArch: noarch
%description
A package with files.
%package empty
Summary: A package without files
%description empty
A package without files.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/probe
touch %{buildroot}/usr/bin/trespass-probe "%{buildroot}/etc/probe/with blank"
%files
/usr/bin/trespass-probe
%dir /etc/probe
"/etc/probe/with blank"
%ghost /var/lib/probe.ghost
%files empty
`;

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

  it('are those of apk 3, and of pacman as they are on disk', async () => {
    put('usr/lib/apk/db/installed', APK_INSTALLED);
    put('var/lib/pacman/local/ALPM_DB_VERSION', '9\n');
    put('var/lib/pacman/local/bash-5.2.037-1/desc', PACMAN_DESC);
    put('var/lib/pacman/local/bash-5.2.037-1/files', PACMAN_FILES);
    put('var/lib/pacman/local/bash-5.2.037-1/mtree', '\x1f\x8bnot read');
    const { isPackaged, ownerOf, size } = await readPackages({ root });
    expect(ownerOf('/bin/busybox')).toEqual({ name: 'busybox', version: '1.37.0-r12', type: 'apk' });
    expect(ownerOf('/usr/lib/libcrypto.so.3')).toEqual({ name: 'libcrypto3', version: '3.3.2-r4', type: 'apk' });
    expect(ownerOf('/usr/bin/bash')).toEqual({ name: 'bash', version: '5.2.037-1', type: 'pacman' });
    const others = [
      '/etc/bash.bashrc',
      '/etc/bash.bash_logout\t472f536d7c9e8250dc4568ec4cfaf294',
      '/9',
      '/libcrypto.so.3',
    ];
    expect(others.map(isPackaged)).toEqual([true, false, false, false]);
    expect(size).toBe(7);
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

  it.skipIf((rpm === undefined || rpmbuild === undefined) && !isRequired)(
    'are those of a real database of rpm, and a new version is seen there',
    { timeout: 120_000 },
    async () => {
      const database = join(root, 'var/lib/rpm');
      mkdirSync(database, { recursive: true });
      // rpm itself may not change its root without being root.
      put('rpm', `#!/bin/sh\nexec ${rpm} --dbpath ${database} "$@"\n`);
      chmodSync(join(root, 'rpm'), 0o755);
      const install = (release: string) => {
        put('probe.spec', SPEC.replace('Release: 4', `Release: ${release}`));
        const define = (name: string, value: string) => ['--define', `${name} ${value}`];
        execFileSync(
          rpmbuild ?? 'rpmbuild',
          [
            ...['-bb', ...define('_topdir', join(root, 'top')), ...define('_dbpath', database)],
            ...[...define('_tmppath', join(root, 'tmp')), join(root, 'probe.spec')],
          ],
          { stdio: 'pipe' },
        );
        const made = join(root, 'top/RPMS/noarch');
        const files = readdirSync(made).filter((name) => name.includes(`-${release}.`));
        expect(files).toHaveLength(2);
        const argv = ['--justdb', '--nodeps', '-U', ...files.map((name) => join(made, name))];
        execFileSync(join(root, 'rpm'), argv, { stdio: 'pipe' });
      };
      install('4');
      let steadyMs = 0;
      const watch = await PackageWatch.open({ root, rpm: join(root, 'rpm'), steadyMs: () => steadyMs });
      const owner = { name: 'trespass-probe', version: '3:1.2-4', type: 'rpm' };
      const paths = ['/usr/bin/trespass-probe', '/etc/probe/with blank', '/bin/trespass-probe', '/etc/probe/with'];
      expect(paths.map((path) => watch.ownerOf(path))).toEqual([owner, owner, undefined, undefined]);
      install('5');
      steadyMs = 120_000;
      watch.ownerOf('/usr/bin/trespass-probe');
      await watch.settled();
      expect(watch.ownerOf('/usr/bin/trespass-probe')).toEqual({ ...owner, version: '3:1.2-5' });
    },
  );

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
