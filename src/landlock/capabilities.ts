// Names for the numbers in `capability=` (include/uapi/linux/capability.h) and `namespace_type=` (linux/sched.h).

const CAPABILITIES = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');

const NAMESPACES = new Map([
  ['0x80', 'time'],
  ['0x20000', 'mount'],
  ['0x2000000', 'cgroup'],
  ['0x4000000', 'UTS'],
  ['0x8000000', 'IPC'],
  ['0x10000000', 'user'],
  ['0x20000000', 'PID'],
  ['0x40000000', 'network'],
]);

/** `CAP_SYS_ADMIN` for 21; undefined for a number without a name. */
export function capabilityName(number: number): string | undefined {
  const name = CAPABILITIES[number];
  return name === undefined ? undefined : `CAP_${name}`;
}

/** `user` for `0x10000000` (CLONE_NEWUSER); undefined for a type that is not known. */
export function namespaceName(type: string): string | undefined {
  return NAMESPACES.get(type);
}
