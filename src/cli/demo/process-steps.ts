// The demo's steps around networks, processes and nested sandboxes. Each runs in a process of its own.
import { spawn } from 'node:child_process';
import { closeSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectAbstract, listenAbstract, seize, tcpOnLoopback } from '../../collector/kernel/provoking-calls.ts';
import { siblingModule } from '../../runtime/sibling-module.ts';
import { errnoOf, type Stage, StageError } from './stage.ts';

/** How long the survivor of `outlive` waits for the end of the process that started it. */
const ORPHAN_WAIT_MAX_MS = 5_000;

export function bindTcp(stage: Stage): void {
  stage.enter('dev-server', { net: ['bind_tcp'] });
  const port = 8080;
  stage.report({
    action: `serve on 127.0.0.1:${port}`,
    call: 'bind',
    errno: tcpOnLoopback('bind', port),
    blockers: ['net.bind_tcp'],
    port,
  });
}

export function connectTcp(stage: Stage): void {
  stage.enter('update-check', { net: ['connect_tcp'] });
  const port = 443;
  stage.report({
    action: `connect to 127.0.0.1:${port}`,
    call: 'connect',
    errno: tcpOnLoopback('connect', port),
    blockers: ['net.connect_tcp'],
    port,
  });
}

/** A process outside of the sandbox that ends by itself when this one does. */
function startBystander(): number {
  const bystander = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  if (bystander.pid === undefined) {
    throw new StageError('cannot start cat');
  }
  return bystander.pid;
}

export function signal(stage: Stage): void {
  const targetPid = startBystander();
  stage.enter('job-watcher', { scopes: ['signal'] });
  stage.report({
    action: 'signal a process outside',
    call: 'kill',
    errno: errnoOf(() => process.kill(targetPid, 0)),
    blockers: ['scope.signal'],
    targetPid,
  });
}

export function trace(stage: Stage): void {
  const targetPid = startBystander();
  // Any domain at all keeps its processes from tracing those outside.
  stage.enter('debug-helper', { fs: ['make_char'] });
  stage.report({
    action: 'trace a process outside',
    call: 'ptrace',
    errno: seize(targetPid),
    blockers: ['ptrace'],
    targetPid,
  });
}

export function abstractSocket(stage: Stage): void {
  const name = `trespass-demo-${process.pid}`;
  const listening = listenAbstract(name);
  if (listening !== 'OK') {
    throw new StageError(`cannot listen on @${name} (${listening})`);
  }
  // A listener that shares the domain could be reached: this one was made before.
  stage.enter('chat-client', { scopes: ['abstract_unix_socket'] });
  stage.report({
    action: `connect to the socket @${name}`,
    call: 'connect',
    errno: connectAbstract(name),
    blockers: ['scope.abstract_unix_socket'],
    socket: `@${name}`,
  });
}

export function nested(stage: Stage): void {
  const path = stage.path('recipe.mk');
  writeFileSync(path, '');
  const tryOpen = (flags: 'r' | 'r+') => errnoOf(() => closeSync(openSync(path, flags)));
  const write = { call: 'openat', blockers: ['fs.write_file'], path };
  const outer = stage.enter('build-runner', { fs: ['write_file'] });
  stage.report({ ...write, action: 'write to recipe.mk', errno: tryOpen('r+') });
  stage.enter('build-step', { fs: ['read_file'] });
  stage.report({
    action: 'read recipe.mk, from an inner sandbox',
    call: 'openat',
    errno: tryOpen('r'),
    blockers: ['fs.read_file'],
    path,
  });
  // The read right is not asked for, so that only the outer domain objects.
  const errno = errnoOf(() => closeSync(openSync(path, 'a')));
  stage.report({ ...write, action: 'write to recipe.mk, from the inner sandbox', errno, creator: outer });
}

export function outlive(stage: Stage): void {
  const creator = stage.enter('session-start', { fs: ['make_sym'] }, { flags: ['log_new_exec_on'] });
  const { url, execArgv } = siblingModule('./child', import.meta.url);
  const survivor = [fileURLToPath(url), 'outlive-survivor', stage.directory, String(creator.pid)];
  spawn(process.execPath, [...execArgv, ...survivor], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The second half of `outlive`: runs on in the domain of a process that has ended. */
export function survive(stage: Stage, creatorPid: number): void {
  stage.inherit({ pid: creatorPid, name: 'session-start' });
  stage.playAs('session-agent');
  const giveUpAt = performance.now() + ORPHAN_WAIT_MAX_MS;
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (process.ppid === creatorPid && performance.now() < giveUpAt) {
    Atomics.wait(clock, 0, 0, 5);
  }
  stage.report({
    action: 'make a symbolic link after its creator ended',
    call: 'symlink',
    errno: errnoOf(() => symlinkSync('elsewhere', stage.path('link'))),
    blockers: ['fs.make_sym'],
    path: stage.directory,
  });
}
