// The kernel's rule for text that a user may have chosen (kernel/audit.c, audit_log_untrustedstring): quoted where
// every byte is 0x21..0x7e and none is a quote, else upper-case hex. There is no escaping. Strings here are latin1:
// one character is one byte. Which fields follow the rule is known by their names, never by their shape.

const QUOTE = 34;
const PLAIN = /^[\x21\x23-\x7e]*$/;
const NOT_HEX = /[^0-9A-F]/;

/** Room for the bytes of any field that the kernel writes; longer ones get room of their own. */
const scratch = Buffer.alloc(8192);

/** The bytes that `raw` stands for, or undefined where it is neither quoted nor hex: `(null)`, `?`, … */
export function decodeUntrusted(raw: string): string | undefined {
  if (raw.charCodeAt(0) === QUOTE) {
    return raw.length >= 2 && raw.charCodeAt(raw.length - 1) === QUOTE ? raw.slice(1, -1) : undefined;
  }
  return decodeHex(raw);
}

/** The bytes behind an even number of upper-case hex digits, or undefined. */
export function decodeHex(raw: string): string | undefined {
  const { length } = raw;
  if (length === 0 || length % 2 !== 0 || NOT_HEX.test(raw)) return undefined;
  const bytes = length / 2 <= scratch.length ? scratch : Buffer.alloc(length / 2);
  return bytes.toString('latin1', 0, bytes.write(raw, 'hex'));
}

/** What the kernel would write for `bytes`. */
export function encodeUntrusted(bytes: string): string {
  return PLAIN.test(bytes) ? `"${bytes}"` : Buffer.from(bytes, 'latin1').toString('hex').toUpperCase();
}
