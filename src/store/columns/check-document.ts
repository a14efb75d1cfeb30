// The boundary: is a value from the wire a Document of src/landlock/document.ts, within bounds? The writer asks it for
// every line, so that nobody can forget to. It changes nothing and throws nothing. What a newer collector added is
// let through and kept.
import type { AnyDocument } from '../../landlock/document.ts';
import {
  ancestry,
  containerFields,
  domainId,
  endpoint,
  groupFields,
  host,
  id,
  label,
  landlockObject,
  packageFields,
  path,
  pathMax,
  pid,
  processFields,
  provider,
  sentenceMax,
  syscallFields,
  systemdFields,
  tags,
  time,
  u32Max,
  unknownFields,
  userFields,
} from './check-parts.ts';
import { domainCreated, sandboxCall } from './check-sandbox-document.ts';
import { type Check, flag, integer, isRecord, list, literal, matching, object, text } from './check-shape.ts';

/** Nobody else may claim to stand for many. */
const ofStore: Check = (value) => (value === undefined ? undefined : ': is for the store to say');

const denial = object(
  {
    kind: literal('denial'),
    '@timestamp': time,
    event: object(
      {
        id,
        sequence: integer(0, u32Max),
        action: literal('violated-landlock-policy'),
        outcome: literal('failure'),
        category: list(text(64), 16),
        type: list(literal('denied'), 1, 1),
        reason: text(sentenceMax),
      },
      { provider },
    ),
    host,
    landlock: object(
      {
        domain: object({ id: domainId }),
        blockers: list(text(256), 128),
        object: landlockObject,
        actor_certainty: text(64),
      },
      {
        target: object({ process: object({}, { pid, name: label }) }, { domain: object({ id: domainId }) }),
        logged: literal(false),
        same_exec: flag,
        unknown_fields: unknownFields,
        attribution: literal('best_effort'),
        repeated: ofStore,
      },
    ),
  },
  {
    tags,
    file: object({}, { path, path_raw: text(pathMax * 2), name: path, device: label, inode: text(64) }),
    source: endpoint,
    destination: endpoint,
    process: processFields,
    user: userFields,
    group: groupFields,
    syscall: syscallFields,
    package: packageFields,
    systemd: systemdFields,
    container: containerFields,
  },
);

const domainEvent = object({ id, sequence: integer(0, u32Max) }, { provider });

const domainAllocated = object(
  {
    kind: literal('domain-allocated'),
    '@timestamp': time,
    event: domainEvent,
    host,
    landlock: object(
      {
        domain: object(
          {
            id: domainId,
            creator: object({}, { pid, uid: integer(0, u32Max), executable: path, name: label, ancestry }),
          },
          { mode: text(64) },
        ),
      },
      { unknown_fields: unknownFields },
    ),
  },
  { tags },
);

const totalNumber = integer(0, Number.MAX_SAFE_INTEGER);
const totalText = matching(/^[1-9][0-9]{15,19}$/, 'a number');
const denialsTotal: Check = (value) => (typeof value === 'string' ? totalText(value) : totalNumber(value));

const domainDeallocated = object(
  {
    kind: literal('domain-deallocated'),
    '@timestamp': time,
    event: domainEvent,
    host,
    landlock: object({ domain: object({ id: domainId, denials: denialsTotal }) }, { unknown_fields: unknownFields }),
  },
  { tags },
);

const malformed = object(
  {
    kind: literal('malformed'),
    event: object({ id }),
    host,
    reason: text(4_096),
    text: text(4_096),
  },
  {
    '@timestamp': time,
    tags,
    place: object(
      {},
      { file: path, line: integer(0, Number.MAX_SAFE_INTEGER), byte: integer(0, Number.MAX_SAFE_INTEGER) },
    ),
  },
);

const gap = object(
  {
    kind: literal('gap'),
    '@timestamp': time,
    event: object({ id }),
    host,
    count: integer(0, Number.MAX_SAFE_INTEGER),
    cause: text(64, 1),
  },
  { tags, first: integer(0, u32Max), last: integer(0, u32Max), since: time },
);

const CHECKS: ReadonlyMap<unknown, Check> = new Map([
  ['denial', denial],
  ['domain-allocated', domainAllocated],
  ['domain-deallocated', domainDeallocated],
  ['malformed', malformed],
  ['gap', gap],
  ['domain-created', domainCreated],
  ['sandbox-call', sandboxCall],
]);

/** `value` itself where it is a document within bounds; otherwise one sentence that says what is wrong with it. */
export function checkDocument(value: unknown): AnyDocument | string {
  if (!isRecord(value)) return 'document: not an object';
  const check = CHECKS.get(value.kind);
  if (check === undefined) return 'document.kind: unknown';
  const complaint = check(value);
  return complaint === undefined ? toDocument(value) : `document${complaint}`;
}

/** The one place that believes: every check above has passed. */
function toDocument(value: Record<string, unknown>): AnyDocument {
  return value as unknown as AnyDocument;
}
