// Denials that share a fingerprint.
import Type, { type Static } from 'typebox';
import { ISSUE_SORTS, ISSUE_STATUSES, SETTABLE_STATUSES } from '../../store/issues/issue-answers.ts';
import { ASSIGNEE_LENGTH_MAX, NOTE_LENGTH_MAX } from '../../store/issues/issue-changes.ts';
import { count, list, time } from './common.ts';
import { denialSchema } from './document.ts';

const optional = Type.Optional;

export const issueStatusSchema = Type.Enum([...ISSUE_STATUSES], { description: 'regressed: resolved, and came back' });
export const issueSortSchema = Type.Enum([...ISSUE_SORTS], { description: 'The greatest first; default: last_seen' });

const trend = Type.Object({
  start: time(),
  interval_ms: Type.Integer({ minimum: 1 }),
  points: list(count(), { description: 'Denials by the day (UTC), up to the day of the last one' }),
});

const members = {
  id: Type.String({ description: 'Its fingerprint: the same wherever these denials come from' }),
  title: Type.String({ description: 'One plain sentence; characters that do not show are escaped' }),
  program: Type.String({ description: 'Template of the executable, or of the name (program_class)' }),
  program_class: Type.String({ description: 'executable, name, or none' }),
  blockers: list(Type.String()),
  object: Type.Object({
    class: Type.String({ description: 'path, local-port, remote-port, abstract-socket, process, …' }),
    key: Type.String({ description: 'Template of the path or name, or the port' }),
    detail: optional(Type.String()),
  }),
  gathered: optional(
    Type.Literal(true, {
      description: 'Different objects in one: the program had too many issues with these blockers',
    }),
  ),
  canary: optional(Type.Literal(true)),
  status: issueStatusSchema,
  status_changed_at: optional(time()),
  note: optional(Type.String()),
  assignee: optional(Type.String()),
  first_seen: time(),
  last_seen: time(),
  denials: count(),
  hosts: count('Hosts where it was seen'),
};

export const issueSchema = Type.Object({ ...members, trend: optional(trend) }, { title: 'Issue' });

export const issueHostsSchema = (description: string) =>
  list(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      denials: count(),
      first_seen: time(),
      last_seen: time(),
    }),
    { description },
  );

export const issueDetailSchema = Type.Object(
  {
    ...members,
    host_list: issueHostsSchema('Those with most denials, at most 100; times are those of the hours'),
    programs: list(Type.Object({ program: Type.String(), denials: count() }), {
      description: 'Of the latest denials (sampled)',
    }),
    users: list(Type.Object({ user: Type.String(), denials: count() }), {
      description: 'User ids of the latest denials (sampled)',
    }),
    sampled: count('How many of the latest denials programs and users are counted in'),
    samples: list(denialSchema, { description: 'The latest denials' }),
    trend,
  },
  { title: 'IssueDetail' },
);

export const issueChangeSchema = Type.Object(
  {
    status: optional(Type.Enum([...SETTABLE_STATUSES])),
    note: optional(Type.String({ maxLength: NOTE_LENGTH_MAX, description: 'Empty: none' })),
    assignee: optional(Type.String({ maxLength: ASSIGNEE_LENGTH_MAX, description: 'Empty: nobody' })),
  },
  { title: 'IssueChange', additionalProperties: false, minProperties: 1 },
);

export type IssueStatus = Static<typeof issueStatusSchema>;
export type IssueSort = Static<typeof issueSortSchema>;
export type IssueChange = Static<typeof issueChangeSchema>;
export type IssueAnswer = Static<typeof issueSchema>;
export type IssueDetail = Static<typeof issueDetailSchema>;
