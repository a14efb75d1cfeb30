// What tracepoints and audit rules tell beside the records of Landlock itself: the creation of a domain and Landlock's
// system calls, as checks. See check-document.ts.
import {
  domainId,
  groupFields,
  host,
  id,
  label,
  pid,
  processFields,
  provider,
  syscallFields,
  tags,
  time,
  u32Max,
  unknownFields,
  userFields,
} from './check-parts.ts';
import { type Check, flag, integer, list, literal, matching, object, text } from './check-shape.ts';

const rights = list(text(64), 128);
const handled = object({}, { fs: rights, net: rights, scopes: rights });
const version = matching(/^\d{1,20}$/, 'a decimal number');

export const domainCreated = object(
  {
    kind: literal('domain-created'),
    '@timestamp': time,
    event: object({ id, provider }),
    host,
    landlock: object(
      {
        domain: object(
          { id: domainId, creator: object({}, { pid, thread: object({ id: pid }), name: label }) },
          {
            parent: object({ id: domainId }),
            ruleset: object({ id: domainId }, { version, handled, rules: integer(0, Number.MAX_SAFE_INTEGER) }),
          },
        ),
      },
      { unknown_fields: unknownFields },
    ),
  },
  { tags },
);

const CALLS = new Set<unknown>(['create_ruleset', 'add_rule', 'restrict_self']);
const call: Check = (value) => (CALLS.has(value) ? undefined : ': not a call of Landlock');
const outcome: Check = (value) =>
  value === 'success' || value === 'failure' ? undefined : ': neither success nor failure';

export const sandboxCall = object(
  {
    kind: literal('sandbox-call'),
    '@timestamp': time,
    event: object({ id, sequence: integer(0, u32Max), outcome }, { provider }),
    host,
    landlock: object(
      { call },
      {
        is_probe: literal(true),
        flags: integer(0, u32Max),
        ruleset_fd: integer(-(2 ** 31), 2 ** 31 - 1),
        rule_type: text(64),
        makes_domain: flag,
        unknown_fields: unknownFields,
      },
    ),
  },
  { tags, process: processFields, user: userFields, group: groupFields, syscall: syscallFields },
);
