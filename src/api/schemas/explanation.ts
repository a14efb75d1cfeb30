// Denials, issues and domains in plain words.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';
import { issueHostsSchema, issueSchema } from './issue.ts';

const optional = Type.Optional;

const meaningSchema = Type.Object({
  blocker: Type.String(),
  text: Type.String({ description: 'What the access right is about' }),
  since_abi: optional(Type.Integer({ description: 'The Landlock ABI that brought it; absent for an unknown blocker' })),
  traps: list(Type.String(), { description: 'What is easily overlooked about it' }),
});

const causeSchema = Type.Object(
  {
    if: Type.String(),
    // biome-ignore lint/suspicious/noThenProperty: a text, which nobody awaits; the words are read as a sentence
    then: Type.String(),
    do: Type.String(),
    sure: Type.Enum(['likely', 'possible', 'unlikely']),
  },
  { title: 'Cause' },
);

const denialNameSchema = Type.Object({
  id: Type.String({ description: 'event.id' }),
  at: time(),
  host: Type.Object({ id: Type.String(), name: Type.String() }),
});

const issueCount = { issue: Type.String(), title: Type.String(), denials: count() };

export const explanationSchema = Type.Object(
  {
    sentence: Type.String({ description: 'Who was refused what by whose sandbox; control characters are escaped' }),
    actor: Type.String(),
    creator: optional(Type.String({ description: 'The program that set up the sandbox' })),
    meaning: list(meaningSchema, { description: 'One for each blocker' }),
    causes: list(causeSchema, { description: 'If … then … do …, the surest first' }),
    unknown: list(Type.String(), { description: 'What the records do not say' }),
    denial: denialNameSchema,
    issue: optional(issueSchema),
    other_hosts: issueHostsSchema('Where else the issue was seen: those with most denials'),
    around: optional(
      Type.Object({
        pid: Type.Integer(),
        seconds: Type.Integer({ description: 'Before and after the denial' }),
        data: list(Type.Object(issueCount), { description: 'What else the same process was refused, by issue' }),
        is_sampled: Type.Boolean({ description: 'Only the nearest denials were looked at, as there are too many' }),
      }),
    ),
  },
  { title: 'Explanation' },
);

export const domainExplanationSchema = Type.Object(
  {
    domain: Type.Object({
      host: Type.Object({ id: Type.String(), name: Type.String() }),
      boot: Type.String(),
      id: Type.String(),
    }),
    sentence: Type.String(),
    creator: optional(Type.String()),
    refused: list(
      Type.Object({ ...issueCount, denial: denialNameSchema, sentence: Type.String(), causes: list(causeSchema) }),
      { description: 'What it refused, by issue, the most frequent first; explained by the latest denial of each' },
    ),
    sampled: count('How many of the latest denials `refused` counts'),
    meaning: list(meaningSchema, { description: 'One for each blocker in `refused`' }),
    unknown: list(Type.String()),
  },
  { title: 'DomainExplanation' },
);

export type Explanation = Static<typeof explanationSchema>;
export type DomainExplanation = Static<typeof domainExplanationSchema>;
