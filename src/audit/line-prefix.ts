// What stands before `type=` on lines that did not come straight from auditd: the marks of dmesg, /dev/kmsg and
// syslog. Every pattern is anchored at the start of the line and names the sender, because the rest of a line is
// text that anybody may have chosen: `sshd[7]: Invalid user audit: type=1423 …` must stay what it is.

// `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;` (Documentation/ABI/testing/dev-kmsg)
const KMSG = /^(\d{1,5}),\d+,\d+,[^;]*;/;
const KMSG_CONTINUATION = /^ [A-Z_]+=/;
// `[    2.995748] `, with `<5>` before it (dmesg --raw), `kern  :notice: ` (dmesg -x) or `[  T123]` after it
const DMESG = /^(?:<\d{1,3}>|[a-z]+ *:[a-z]+ *: )?\[[^\]]{1,40}\](?:\[ *[TC]\d+\])? /;
const DMESG_BARE = /^<\d{1,3}>(?=audit: |kauditd_printk_skb: )/;
// `Nov 23 00:31:43 host kernel: ` or an RFC 3339 time; a host never ends in a colon, a tag always does
const SYSLOG =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,24}) (?:[^\s[\]]*[^\s[\]:] )?([\w./-]+)(?:\[\d+\])?: /;
// `<PRI>1 TIME HOST APP PROCESS MESSAGE-ID - ` (RFC 5424)
const SYSLOG_5424 = /^<\d{1,3}>1 \S+ \S+ (\S+) \S+ \S+ - (?:\ufeff|\u00ef\u00bb\u00bf)?/;
const KERNEL_CLOCK = /^\[ *\d+\.\d+\] /;

const FROM_KERNEL = 'audit: ';
const RECORD = 'type=';
/** The function that prints records, where it speaks for itself. */
const FROM_PRINTER = 'kauditd_printk_skb: ';

/** Where the record starts; `foreign`: a log line of something else; `none`: no log line that is known. */
export type LinePrefix = number | 'foreign' | 'none';

/** Audit also says other things there than records; of one that was cut, the beginning is enough. */
function afterKernel(line: string, start: number): LinePrefix {
  if (!line.startsWith(FROM_KERNEL, start)) return 'foreign';
  const record = start + FROM_KERNEL.length;
  const isRecord = line.startsWith(RECORD, record) || RECORD.startsWith(line.slice(record, record + RECORD.length));
  return isRecord ? record : 'foreign';
}

/** Behind the time since boot that some syslog daemons leave on the kernel's lines. */
function afterClock(line: string, start: number): number {
  const clock = KERNEL_CLOCK.exec(line.slice(start, start + 40));
  return start + (clock === null ? 0 : clock[0].length);
}

function afterTag(line: string, start: number, tag: string): LinePrefix {
  if (tag === 'kernel') return afterKernel(line, afterClock(line, start));
  if (tag !== 'audispd' && tag !== 'audisp-syslog' && tag !== 'auditd' && tag !== 'audit') return 'foreign';
  return line.startsWith('type=', start) || line.startsWith('node=', start) ? start : 'foreign';
}

/** The longest prefix that is looked at, in characters. */
const prefixMax = 512;

/** Finds the record behind the marks of the kernel's log and of syslog. The start is that of `type=` or `node=`. */
export function findRecordStart(line: string): LinePrefix {
  if (line.startsWith(FROM_KERNEL)) return afterKernel(line, 0);
  if (line.startsWith(FROM_PRINTER)) return 'foreign';
  const head = line.length > prefixMax ? line.slice(0, prefixMax) : line;
  const kmsg = KMSG.exec(head);
  if (kmsg !== null) {
    // Facility 0 is the kernel; anything else was written to /dev/kmsg by a program.
    return Number(kmsg[1]) >> 3 === 0 ? afterKernel(line, kmsg[0].length) : 'foreign';
  }
  if (KMSG_CONTINUATION.test(head)) return 'foreign';
  const dmesg = DMESG.exec(head) ?? DMESG_BARE.exec(head);
  if (dmesg !== null) return afterKernel(line, dmesg[0].length);
  const syslog = SYSLOG_5424.exec(head) ?? SYSLOG.exec(head);
  return syslog === null ? 'none' : afterTag(line, syslog[0].length, syslog[1] ?? '');
}

/** Where the message starts on a line that the kernel wrote, with or without marks; undefined: not the kernel's. */
export function findKernelMessage(line: string): number | undefined {
  if (line.startsWith(FROM_KERNEL) || line.startsWith(FROM_PRINTER)) return 0;
  const head = line.length > prefixMax ? line.slice(0, prefixMax) : line;
  const kmsg = KMSG.exec(head);
  if (kmsg !== null) return Number(kmsg[1]) >> 3 === 0 ? kmsg[0].length : undefined;
  const dmesg = DMESG.exec(head) ?? DMESG_BARE.exec(head);
  if (dmesg !== null) return dmesg[0].length;
  const syslog = SYSLOG_5424.exec(head) ?? SYSLOG.exec(head);
  return syslog?.[1] === 'kernel' ? afterClock(line, syslog[0].length) : undefined;
}
