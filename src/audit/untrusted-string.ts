// The kernel's rule for text that a user may have chosen (kernel/audit.c, audit_log_untrustedstring): quoted where
// every byte is 0x21..0x7e and none is a quote, else upper-case hex. There is no escaping. Strings here are latin1:
// one character is one byte. Which fields follow the rule is known by their names, never by their shape.

const QUOTE = 34;
const HEX = /^(?:[0-9A-F]{2})+$/;
const PLAIN = /^[\x21\x23-\x7e]*$/;

function hexDigit(code: number): number {
  return code <= 57 ? code - 48 : code - 55;
}

/** The bytes that `raw` stands for, or undefined where it is neither quoted nor hex: `(null)`, `?`, … */
export function decodeUntrusted(raw: string): string | undefined {
  if (raw.charCodeAt(0) === QUOTE) {
    return raw.length >= 2 && raw.charCodeAt(raw.length - 1) === QUOTE ? raw.slice(1, -1) : undefined;
  }
  return decodeHex(raw);
}

/** The bytes behind an even number of upper-case hex digits, or undefined. */
export function decodeHex(raw: string): string | undefined {
  if (!HEX.test(raw)) return undefined;
  let bytes = '';
  for (let at = 0; at < raw.length; at += 2) {
    bytes += String.fromCharCode(hexDigit(raw.charCodeAt(at)) * 16 + hexDigit(raw.charCodeAt(at + 1)));
  }
  return bytes;
}

/** What the kernel would write for `bytes`. */
export function encodeUntrusted(bytes: string): string {
  return PLAIN.test(bytes) ? `"${bytes}"` : Buffer.from(bytes, 'latin1').toString('hex').toUpperCase();
}
