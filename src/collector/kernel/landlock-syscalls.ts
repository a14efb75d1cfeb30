// The three Landlock system calls and PR_SET_NO_NEW_PRIVS, by name instead of by bit. Used by the canary and by the
// demo to make real denials. Landlock restricts the calling thread: in Node that is the thread that runs the
// JavaScript, so only synchronous file calls (fs.*Sync) and native calls made from it are denied.
// What to restrict, and what follows from it, is the callers' business.
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import koffi from 'koffi';

/** `value`, or the call that failed and its errno as a name (`EOPNOTSUPP`). */
export type CallResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly call: string; readonly errno: string };

interface RightBit {
  readonly bit: number;
  /** The first Landlock ABI that knows it. */
  readonly abi: number;
}

/** include/uapi/linux/landlock.h, LANDLOCK_ACCESS_FS_*. */
const FS_RIGHTS = {
  execute: { bit: 0, abi: 1 },
  write_file: { bit: 1, abi: 1 },
  read_file: { bit: 2, abi: 1 },
  read_dir: { bit: 3, abi: 1 },
  remove_dir: { bit: 4, abi: 1 },
  remove_file: { bit: 5, abi: 1 },
  make_char: { bit: 6, abi: 1 },
  make_dir: { bit: 7, abi: 1 },
  make_reg: { bit: 8, abi: 1 },
  make_sock: { bit: 9, abi: 1 },
  make_fifo: { bit: 10, abi: 1 },
  make_block: { bit: 11, abi: 1 },
  make_sym: { bit: 12, abi: 1 },
  refer: { bit: 13, abi: 2 },
  truncate: { bit: 14, abi: 3 },
  ioctl_dev: { bit: 15, abi: 5 },
  resolve_unix: { bit: 16, abi: 9 },
} as const satisfies Record<string, RightBit>;

/** LANDLOCK_ACCESS_NET_*. */
const NET_RIGHTS = {
  bind_tcp: { bit: 0, abi: 4 },
  connect_tcp: { bit: 1, abi: 4 },
  bind_udp: { bit: 2, abi: 10 },
  connect_send_udp: { bit: 3, abi: 10 },
} as const satisfies Record<string, RightBit>;

/** LANDLOCK_SCOPE_*. */
const SCOPES = {
  abstract_unix_socket: { bit: 0, abi: 6 },
  signal: { bit: 1, abi: 6 },
} as const satisfies Record<string, RightBit>;

/** LANDLOCK_RESTRICT_SELF_*. */
const RESTRICT_FLAGS = {
  log_same_exec_off: { bit: 0, abi: 7 },
  log_new_exec_on: { bit: 1, abi: 7 },
  log_subdomains_off: { bit: 2, abi: 7 },
} as const satisfies Record<string, RightBit>;

export type FsRight = keyof typeof FS_RIGHTS;
export type NetRight = keyof typeof NET_RIGHTS;
export type Scope = keyof typeof SCOPES;
export type RestrictFlag = keyof typeof RESTRICT_FLAGS;

/** What a ruleset takes over from the kernel's default: everything named here is denied unless a rule allows it. */
export interface Handled {
  readonly fs?: readonly FsRight[];
  readonly net?: readonly NetRight[];
  readonly scopes?: readonly Scope[];
}

/** The first ABI whose kernel writes denials to the audit log (Linux 6.15). */
export const LOGGING_ABI = 7;

const CREATE_RULESET = 444;
const ADD_RULE = 445;
const RESTRICT_SELF = 446;
const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
const RULE_NET_PORT = 2;
const PR_SET_NO_NEW_PRIVS = 38;
const O_PATH = 0o10000000;

// syscall(2) is variadic, but Linux passes integers and pointers alike there, so a fixed signature serves.
const libc = koffi.load(null);
const syscall4 = libc.func('syscall', 'long', ['long', 'void *', 'size_t', 'uint32_t', 'uint32_t']);
const syscallAddRule = libc.func('syscall', 'long', ['long', 'int', 'int', 'void *', 'uint32_t']);
const syscallRestrict = libc.func('syscall', 'long', ['long', 'int', 'uint32_t']);
const prctl = libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);

let knownAbi: number | undefined;

/** The Landlock ABI of the running kernel; undefined where Landlock is not built in or not enabled at boot. */
export function abiVersion(): number | undefined {
  if (knownAbi === undefined) {
    const answer = result('landlock_create_ruleset', syscall4(CREATE_RULESET, null, 0, CREATE_RULESET_VERSION, 0));
    if (!answer.ok) return undefined;
    knownAbi = answer.value;
  }
  return knownAbi;
}

/** Whether this kernel knows every right, scope and flag of the list. */
export function isSupported(handled: Handled, abi: number | undefined): boolean {
  if (abi === undefined) return false;
  return requiredAbi(handled) <= abi;
}

/** The lowest Landlock ABI that knows all of `handled`. */
export function requiredAbi(handled: Handled): number {
  const abis = [
    ...(handled.fs ?? []).map((name) => FS_RIGHTS[name].abi),
    ...(handled.net ?? []).map((name) => NET_RIGHTS[name].abi),
    ...(handled.scopes ?? []).map((name) => SCOPES[name].abi),
  ];
  return Math.max(1, ...abis);
}

/** struct landlock_ruleset_attr for a kernel of that ABI: what it does not know is left out, since it would refuse it. */
export function handledMasks(handled: Handled, abi: number): { fs: bigint; net: bigint; scoped: bigint } {
  return {
    fs: mask(FS_RIGHTS, handled.fs ?? [], abi),
    net: mask(NET_RIGHTS, handled.net ?? [], abi),
    scoped: mask(SCOPES, handled.scopes ?? [], abi),
  };
}

/** A new ruleset's file descriptor; close it by `closeRuleset` when it is no longer needed. */
export function createRuleset(handled: Handled): CallResult<number> {
  const abi = abiVersion();
  if (abi === undefined) return { ok: false, call: 'landlock_create_ruleset', errno: unavailableErrno() };
  const masks = handledMasks(handled, abi);
  const attr = BigUint64Array.of(masks.fs, masks.net, masks.scoped);
  // Older kernels know a shorter struct and refuse a longer one unless the rest is zero (it is).
  return result('landlock_create_ruleset', syscall4(CREATE_RULESET, attr, attr.byteLength, 0, 0));
}

/** Allows `rights` on `path` and everything beneath it. */
export function allowPath(ruleset: number, path: string | Buffer, rights: readonly FsRight[]): CallResult<void> {
  let parent: number;
  try {
    parent = openSync(path, O_PATH);
  } catch (error) {
    return { ok: false, call: 'open', errno: errnoOf(error) };
  }
  try {
    // struct landlock_path_beneath_attr is packed: u64 allowed_access, s32 parent_fd.
    const attr = new Uint8Array(12);
    attr.set(new Uint8Array(BigUint64Array.of(mask(FS_RIGHTS, rights, abiVersion() ?? 0)).buffer));
    attr.set(new Uint8Array(Int32Array.of(parent).buffer), 8);
    return noValue(result('landlock_add_rule', syscallAddRule(ADD_RULE, ruleset, RULE_PATH_BENEATH, attr, 0)));
  } finally {
    closeSync(parent);
  }
}

/** Allows `rights` on a port. */
export function allowPort(ruleset: number, port: number, rights: readonly NetRight[]): CallResult<void> {
  const attr = BigUint64Array.of(mask(NET_RIGHTS, rights, abiVersion() ?? 0), BigInt(port));
  return noValue(result('landlock_add_rule', syscallAddRule(ADD_RULE, ruleset, RULE_NET_PORT, attr, 0)));
}

/** Gives up new privileges for this thread for ever; Landlock demands it of everyone without CAP_SYS_ADMIN. */
export function setNoNewPrivs(): CallResult<void> {
  return noValue(result('prctl', prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)));
}

/** Puts the calling thread, and all that it starts from now on, into a new domain. There is no way back. */
export function restrictSelf(ruleset: number, flags: readonly RestrictFlag[] = []): CallResult<void> {
  const bits = mask(RESTRICT_FLAGS, flags, abiVersion() ?? 0);
  return noValue(result('landlock_restrict_self', syscallRestrict(RESTRICT_SELF, ruleset, Number(bits))));
}

/** Closes a ruleset; the domains made from it live on. */
export function closeRuleset(ruleset: number): void {
  closeSync(ruleset);
}

/** A whole new domain in one call: ruleset, no_new_privs, restriction. */
export function enterDomain(
  handled: Handled,
  options: {
    readonly flags?: readonly RestrictFlag[];
    /** Rights allowed on paths and beneath. */
    readonly allow?: readonly { readonly path: string | Buffer; readonly rights: readonly FsRight[] }[];
  } = {},
): CallResult<void> {
  const ruleset = createRuleset(handled);
  if (!ruleset.ok) return ruleset;
  try {
    for (const { path, rights } of options.allow ?? []) {
      const allowed = allowPath(ruleset.value, path, rights);
      if (!allowed.ok) return allowed;
    }
    const privileges = setNoNewPrivs();
    return privileges.ok ? restrictSelf(ruleset.value, options.flags) : privileges;
  } finally {
    closeRuleset(ruleset.value);
  }
}

/** `EACCES` for 13; the number as text where this platform has no name for it. */
export function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
}

/** ENOSYS: not built in. EOPNOTSUPP: built in, but not among the security modules enabled at boot. */
export function unavailableErrno(): string {
  const answer = result('landlock_create_ruleset', syscall4(CREATE_RULESET, null, 0, CREATE_RULESET_VERSION, 0));
  return answer.ok ? 'OK' : answer.errno;
}

function result(call: string, returned: number | bigint): CallResult<number> {
  const value = Number(returned);
  return value >= 0 ? { ok: true, value } : { ok: false, call, errno: errnoName(koffi.errno()) };
}

function noValue(from: CallResult<number>): CallResult<void> {
  return from.ok ? { ok: true, value: undefined } : from;
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EIO';
}

function mask<N extends string>(table: Readonly<Record<N, RightBit>>, names: readonly N[], abi: number): bigint {
  let bits = 0n;
  for (const name of names) if (table[name].abi <= abi) bits |= 1n << BigInt(table[name].bit);
  return bits;
}
