// What the routes' schemas share.
import { API_ERRORS } from '../errors.ts';
import { problemSchema } from '../schemas/problem.ts';

/** Of every list. */
export const LIMIT_DEFAULT = 100;

type ProblemStatus = (typeof API_ERRORS)[keyof typeof API_ERRORS]['status'];

/** Answers other than the one asked for, for the OpenAPI document. */
export function problemAnswers(...statuses: readonly ProblemStatus[]) {
  const titles = new Map<number, string[]>();
  for (const { status, title } of Object.values(API_ERRORS)) {
    titles.set(status, [...(titles.get(status) ?? []), title]);
  }
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: (titles.get(status) ?? []).join(', or: '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

/** A 200 that is no JSON. */
export function textAnswer(type: string, description: string) {
  return Object.fromEntries([[200, { description, content: { [type]: { schema: { type: 'string' } } } }]]);
}
