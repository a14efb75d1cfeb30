import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPackagePaths } from '../../src/collector/package-paths.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trespass-packages-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the paths of packages', () => {
  it('are those of dpkg, under both names where /bin is a link', async () => {
    put('var/lib/dpkg/info/bash.list', '/.\n/bin\n/bin/bash\n/etc/skel/.bashrc\n');
    put('var/lib/dpkg/info/bash.md5sums', '00 usr/bin/not-a-path\n');
    const isPackaged = await readPackagePaths({ root });
    const paths = ['/bin/bash', '/usr/bin/bash', '/etc/skel/.bashrc', '/usr/etc/skel/.bashrc', '/usr/bin/not-a-path'];
    expect(paths.map(isPackaged)).toEqual([true, true, true, false, false]);
  });

  it('are those of apk and pacman', async () => {
    put('lib/apk/db/installed', 'P:busybox\nF:bin\nR:busybox\na:0:0:755\nF:etc\nR:securetty\n\n');
    put('var/lib/pacman/local/bash-5/files', '%FILES%\nusr/\nusr/bin/\nusr/bin/bash2\n\n%BACKUP%\netc/bash\t00\n');
    const isPackaged = await readPackagePaths({ root });
    expect(['/bin/busybox', '/etc/securetty', '/busybox', '/usr/bin/bash2', '/usr/'].map(isPackaged)).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('are none where no package manager keeps records', async () => {
    expect((await readPackagePaths({ root }))('/usr/bin/env')).toBe(false);
  });
});
