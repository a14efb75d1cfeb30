// What lists and statistics may be asked: the parameters that they share.
import Type, { type Static } from 'typebox';

const optional = Type.Optional;
const TIME_TEXT = 'RFC 3339, or relative like now-24h (units s m h d w)';

export const scopeParameters = {
  from: optional(Type.String({ maxLength: 64, description: TIME_TEXT })),
  to: optional(Type.String({ maxLength: 64, description: TIME_TEXT })),
  q: optional(
    Type.String({
      maxLength: 2_000,
      description: 'The query language: blocker:fs.* and not program:"/usr/bin/foo" and path:"/etc/*" and host:web-1',
    }),
  ),
  host: optional(Type.String({ maxLength: 256, description: 'Host id or name' })),
  fleet: optional(Type.String({ maxLength: 256 })),
  include: optional(
    Type.Enum(['canary'], { description: 'canary: also the denials that Trespass provokes to test itself' }),
  ),
};

/** What names one domain. */
export const domainPlaceSchema = Type.Object({
  host: Type.String({ maxLength: 256, description: 'Host id or name' }),
  boot: Type.String({ maxLength: 256, description: 'Boot id' }),
  id: Type.String({ maxLength: 64, description: 'Domain id, hexadecimal' }),
});

export const domainParameters = {
  id: optional(Type.String({ maxLength: 64, description: 'Domain id, hexadecimal; each boot may have one' })),
  boot: optional(Type.String({ maxLength: 256, description: 'Boot id' })),
  program: optional(
    Type.String({
      maxLength: 4_096,
      description: "The creator's executable, or its name where that is not known; * stands for any text",
    }),
  ),
  status: optional(Type.Enum(['live', 'gone', 'presumed-gone'])),
  has: optional(Type.Enum(['unlogged'], { description: 'unlogged: with denials that were not logged' })),
};

export const pageParameters = {
  fields: optional(
    Type.String({
      maxLength: 1_024,
      pattern: '^[^,]{1,128}(,[^,]{1,128}){0,63}$',
      description: 'Members of each entry to answer, with dots, the others are left out: @timestamp,file.path,process',
    }),
  ),
  limit: optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
  cursor: optional(Type.String({ maxLength: 1_024, description: 'next_cursor of the page before' })),
};

export const scopeQuerySchema = Type.Object(scopeParameters, { additionalProperties: false });

export type ScopeQuery = Static<typeof scopeQuerySchema>;
