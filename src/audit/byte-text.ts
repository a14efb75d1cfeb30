// From the bytes that a record holds (latin1, one character is one byte) to text for people, and back for those
// who need the exact bytes. File names are bytes to the kernel and need not be UTF-8.

const NOT_ASCII = /[\x80-\xff]/;

/** The UTF-8 text of `bytes`; every byte that is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: string): string {
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** Base64 of `bytes` where {@link textOf} had to replace some, else undefined. */
export function rawIfReplaced(bytes: string, text: string): string | undefined {
  if (!text.includes('\ufffd')) return undefined;
  const exact = Buffer.from(bytes, 'latin1');
  return exact.equals(Buffer.from(text, 'utf8')) ? undefined : exact.toString('base64');
}
