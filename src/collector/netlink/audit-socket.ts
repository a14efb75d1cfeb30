// Opens the socket of the record stream: joins the multicast group, or takes the audit daemon's place. Reading is the
// worker's business.
import {
  AUDIT_SET,
  decodeAnswer,
  encodeAuditChange,
  encodeRequest,
  FIRST_RECORD_TYPE,
  HEADER_BYTES,
  NLM_F_ACK,
  NLM_F_REQUEST,
} from './audit-status.ts';
import * as libc from './libc.ts';
import { growReceiveBuffer } from './receive-buffer.ts';
import { permissionRefusal, refusal, socketRefusal } from './refusals.ts';

/** AUDIT_NLGRP_READLOG as a bit mask. */
const READLOG_GROUP = 1;
const REGISTER_MAX_MS = 3_000;
/** Records that come before the answer to a registration; beyond it they are left in the socket. */
const EARLY_RECORDS_MAX = 10_000;

/** A record as it came, before any decoding. */
export interface EarlyRecord {
  readonly type: number;
  readonly payload: Uint8Array;
}

export interface AuditSocket {
  readonly fd: number;
  readonly receiveBuffer: {
    readonly askedBytes: number;
    /** As the kernel reports it: twice what was asked, where it was granted. */
    readonly gotBytes: number;
  };
}

/**
 * Joined to the READLOG group. `noteDirectory`: see BufferLimit. Throws an OperatingError where the kernel refuses.
 */
export function openMulticast(receiveBufferBytes: number, noteDirectory?: string): AuditSocket {
  return open(READLOG_GROUP, receiveBufferBytes, noteDirectory);
}

/** Bound, but nobody's daemon yet: see `registerDaemon`. */
export function openUnicast(receiveBufferBytes: number, noteDirectory?: string): AuditSocket {
  return open(0, receiveBufferBytes, noteDirectory);
}

function open(groups: number, askedBytes: number, noteDirectory: string | undefined): AuditSocket {
  const opened = libc.auditSocket();
  if (!opened.ok) throw socketRefusal(opened.errno);
  const fd = opened.value;
  const bound = libc.bindNetlink(fd, groups);
  if (!bound.ok) {
    libc.closeDescriptor(fd);
    if (bound.errno === libc.EPERM) throw permissionRefusal('read audit records');
    throw refusal('join the audit log group', bound.errno);
  }
  return { fd, receiveBuffer: { askedBytes, gotBytes: growReceiveBuffer(fd, askedBytes, { noteDirectory }) } };
}

/** Joins the READLOG group with a socket that is bound already; needs CAP_AUDIT_READ. */
export function joinReadlog(fd: number): boolean {
  return libc.addMembership(fd, READLOG_GROUP).ok;
}

/** Leaves the READLOG group, which the kernel logs, with audit on, in a record that does not come here any more. */
export function leaveReadlog(fd: number): boolean {
  return libc.dropMembership(fd, READLOG_GROUP).ok;
}

/** Whether `fd` is an audit netlink socket: before trusting a descriptor that was handed over. */
export function isAuditSocket(fd: number): boolean {
  const domain = libc.getSocketOption(fd, libc.SO_DOMAIN);
  const protocol = libc.getSocketOption(fd, libc.SO_PROTOCOL);
  return domain.ok && domain.value === libc.AF_NETLINK && protocol.ok && protocol.value === libc.NETLINK_AUDIT;
}

/**
 * Makes this process the kernel's audit daemon, with `fd` as its socket. Returns the records that came before the
 * answer. Throws an OperatingError: `audit-daemon-present` where another one lives.
 */
export function registerDaemon(fd: number): EarlyRecord[] {
  const seq = 1 + Math.floor(Math.random() * 0x7ffffffe);
  const sent = libc.send(
    fd,
    encodeRequest(AUDIT_SET, encodeAuditChange({ daemonPid: process.pid }), seq, NLM_F_REQUEST | NLM_F_ACK),
  );
  if (!sent.ok) throw refusal('become the audit daemon', sent.errno);
  const early: EarlyRecord[] = [];
  const descriptors = new Int32Array([fd, libc.POLLIN]);
  const giveUpAt = performance.now() + REGISTER_MAX_MS;
  const buffer = new Uint8Array(9216);
  while (performance.now() < giveUpAt && early.length < EARLY_RECORDS_MAX) {
    libc.poll(new Uint8Array(descriptors.buffer), 1, 100);
    const received = libc.recv(fd, buffer, libc.MSG_DONTWAIT);
    if (!received.ok) continue;
    const message = buffer.slice(0, received.value);
    const answer = decodeAnswer(message);
    if (answer === undefined) continue;
    if (answer.type >= FIRST_RECORD_TYPE) early.push({ type: answer.type, payload: message.subarray(HEADER_BYTES) });
    else if (answer.seq === seq && answer.errno !== 0) throw refusal('become the audit daemon', answer.errno);
    else if (answer.seq === seq) return early;
  }
  throw refusal('become the audit daemon', 0);
}
