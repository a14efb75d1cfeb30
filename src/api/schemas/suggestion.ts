// The least rules that would have let denials pass.
import Type, { type Static } from 'typebox';
import { FORMAT_NAMES } from '../../landlock/suggest/formats/formats.ts';
import { count, list } from './common.ts';

const optional = Type.Optional;

export const suggestionFormatSchema = Type.Enum([...FORMAT_NAMES], { description: 'Of `text`; default: text' });

const ruleSchema = Type.Union([
  Type.Object({
    kind: Type.Literal('path'),
    path: Type.String(),
    path_raw: optional(Type.String({ description: 'Base64 of the exact bytes; only where path had to replace some' })),
    directory: Type.Boolean({
      description: 'On the directory and everything beneath it; otherwise on this file alone',
    }),
    rights: list(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('port'), port: Type.Integer(), rights: list(Type.String()) }),
]);

const suggestedRuleSchema = Type.Intersect([
  ruleSchema,
  Type.Object({
    tier: Type.Enum(['normal', 'guarded']),
    reason: optional(Type.String({ description: 'Why it is guarded' })),
    denials: count('Selected denials that it is for'),
  }),
]);

export const suggestionSchema = Type.Object(
  {
    rules: list(suggestedRuleSchema),
    differences: list(Type.Object({ rule: ruleSchema, observed: list(Type.String()), granted: Type.String() }), {
      description: 'Where a rule gives more than what was seen',
    }),
    withheld: list(
      Type.Object({
        tier: Type.Enum(['guarded', 'never']),
        what: Type.String(),
        reason: Type.String(),
        denials: count(),
      }),
      { description: 'What is not suggested; what is guarded comes with include_guarded' },
    ),
    impossible: list(
      Type.Object({ what: Type.String(), reason: Type.String(), instead: Type.String(), denials: count() }),
      { description: 'What no rule can give, and what would' },
    ),
    notes: list(Type.String()),
    abi: Type.Integer({ description: 'The Landlock ABI that the rules need' }),
    counts: Type.Object({
      selected: count(),
      allowed: count('Let pass by the rules'),
      withheld: count(),
      impossible: count(),
      beyond: count('Not looked at: about more places than can be kept'),
    }),
  },
  { title: 'Suggestion' },
);

export const suggestionAnswerSchema = Type.Object(
  {
    suggestion: suggestionSchema,
    format: Type.Enum([...FORMAT_NAMES]),
    text: Type.String({ description: 'The rules in that format' }),
    cannot: list(Type.String(), { description: 'What that format cannot express, or says too much' }),
    is_cut: Type.Boolean({ description: 'There are more denials; the latest were looked at' }),
  },
  { title: 'SuggestionAnswer' },
);

export type Suggestion = Static<typeof suggestionSchema>;
export type SuggestionAnswer = Static<typeof suggestionAnswerSchema>;
