// The demo's steps around files. Each runs in a process of its own and is refused what it tries.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { execute } from '../../collector/kernel/provoking-calls.ts';
import { errnoOf, type Stage } from './stage.ts';

function tryOpen(path: string | Buffer, flags: 'r' | 'r+'): string {
  return errnoOf(() => closeSync(openSync(path, flags)));
}

export function writeFile(stage: Stage): void {
  const path = stage.path('letter.txt');
  writeFileSync(path, 'Dear kernel,\n');
  stage.enter('notes-editor', { fs: ['write_file'] });
  stage.report({
    action: 'write to letter.txt',
    call: 'openat',
    errno: tryOpen(path, 'r+'),
    blockers: ['fs.write_file'],
    path,
  });
}

/** What people and programs do call their files: the log writes each of these in its own way. */
const ODD_NAMES = [
  'my holiday.jpg',
  'the "best".jpg',
  'übung-日本.jpg',
  'two\nlines.jpg',
  Buffer.from('caf\xe9\xff.jpg', 'latin1'),
];

export function readOddNames(stage: Stage): void {
  const paths = ODD_NAMES.map((name) => Buffer.concat([Buffer.from(`${stage.directory}/`), Buffer.from(name)]));
  for (const path of paths) {
    writeFileSync(path, '');
  }
  stage.enter('photo-viewer', { fs: ['read_file'] });
  for (const [index, path] of paths.entries()) {
    stage.report({
      action: `read ${Buffer.from(ODD_NAMES[index] ?? '').toString('utf8')}`,
      call: 'openat',
      errno: tryOpen(path, 'r'),
      blockers: ['fs.read_file'],
      path,
    });
  }
}

export function executeFile(stage: Stage): void {
  const path = stage.path('plugin.sh');
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  stage.enter('plugin-host', { fs: ['execute'] });
  stage.report({
    action: 'execute plugin.sh',
    call: 'execve',
    errno: execute(path),
    blockers: ['fs.execute'],
    path,
  });
}

export function makeInDirectory(stage: Stage): void {
  const directory = stage.path('shared');
  mkdirSync(directory);
  stage.enter('unpacker', { fs: ['make_dir', 'make_reg'] });
  stage.report({
    action: 'make a directory in shared/',
    call: 'mkdir',
    errno: errnoOf(() => mkdirSync(`${directory}/new`)),
    blockers: ['fs.make_dir'],
    path: directory,
  });
  stage.report({
    action: 'make a file in shared/',
    call: 'openat',
    errno: errnoOf(() => writeFileSync(`${directory}/new.txt`, '')),
    blockers: ['fs.make_reg'],
    path: directory,
  });
}

export function renameAcross(stage: Stage): void {
  const [from, to] = [stage.path('inbox'), stage.path('archive')];
  mkdirSync(from);
  mkdirSync(to);
  writeFileSync(`${from}/mail`, '');
  stage.enter('mail-sorter', { fs: ['refer', 'make_reg', 'remove_file'] });
  // One call, two directories, two records.
  const errno = errnoOf(() => renameSync(`${from}/mail`, `${to}/mail`));
  const call = 'rename';
  stage.report({
    action: 'move a file out of inbox/',
    call,
    errno,
    blockers: ['fs.remove_file', 'fs.refer'],
    path: from,
  });
  stage.report({ action: 'move a file into archive/', call, errno, blockers: ['fs.make_reg', 'fs.refer'], path: to });
}

export function runConfined(stage: Stage): void {
  const path = stage.path('accounts.csv');
  writeFileSync(path, '');
  // Without this flag the kernel stops logging at the next execve. The devices are for the new program's stdin.
  stage.enter(
    'launcher',
    { fs: ['write_file'] },
    { flags: ['log_new_exec_on'], allow: [{ path: '/dev', rights: ['write_file'] }] },
  );
  const shell = spawnSync('/bin/sh', ['-c', ': >> "$1"', 'sh', path], { stdio: 'ignore' });
  stage.report({
    action: 'write to accounts.csv from a program it started',
    call: 'openat',
    errno:
      shell.error !== undefined
        ? errnoOf(() => {
            throw shell.error;
          })
        : shell.status === 0
          ? 'OK'
          : 'EACCES',
    blockers: ['fs.write_file'],
    path,
    actor: { pid: shell.pid, program: 'sh' },
  });
}
