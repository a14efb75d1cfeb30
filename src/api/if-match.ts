// If-Match (RFC 9110, 13.1.1): a change is let through only where nobody has changed the thing since it was read.
import Type from 'typebox';

/** The header's schema, for the ETag of `what`. */
export function ifMatchSchema(what: string) {
  return Type.Object({
    'if-match': Type.Optional(Type.String({ maxLength: 1_024, description: `ETag of ${what}, or *` })),
  });
}

/** The versions that the header names; undefined: any. Weak ones never match. */
export function versionsOf(header: string | undefined): readonly string[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return header.split(',').flatMap((tag) => /^\s*"([\w-]+)"\s*$/.exec(tag)?.[1] ?? []);
}
