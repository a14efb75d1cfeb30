// The demo's steps in the order of the show, with what each needs of the kernel.
import type { Handled } from '../../collector/kernel/landlock-syscalls.ts';
import * as files from './file-steps.ts';
import * as processes from './process-steps.ts';
import type { Stage } from './stage.ts';

export interface Step {
  readonly name: string;
  /** What the kernel's Landlock must know. */
  readonly needs: Handled;
  /** Runs in a process of its own, which it restricts. */
  run(stage: Stage): void;
}

export const STEPS: readonly Step[] = [
  { name: 'write', needs: { fs: ['write_file'] }, run: files.writeFile },
  { name: 'odd-names', needs: { fs: ['read_file'] }, run: files.readOddNames },
  { name: 'execute', needs: { fs: ['execute'] }, run: files.executeFile },
  { name: 'make', needs: { fs: ['make_dir', 'make_reg'] }, run: files.makeInDirectory },
  { name: 'rename', needs: { fs: ['refer'] }, run: files.renameAcross },
  { name: 'confined', needs: { fs: ['write_file'] }, run: files.runConfined },
  { name: 'bind', needs: { net: ['bind_tcp'] }, run: processes.bindTcp },
  { name: 'connect', needs: { net: ['connect_tcp'] }, run: processes.connectTcp },
  { name: 'signal', needs: { scopes: ['signal'] }, run: processes.signal },
  { name: 'ptrace', needs: { fs: ['make_char'] }, run: processes.trace },
  { name: 'abstract', needs: { scopes: ['abstract_unix_socket'] }, run: processes.abstractSocket },
  { name: 'nested', needs: { fs: ['write_file', 'read_file'] }, run: processes.nested },
  { name: 'outlive', needs: { fs: ['make_sym'] }, run: processes.outlive },
];
