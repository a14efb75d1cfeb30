// What the routes' schemas share.
import type { DomainPlace } from '../../store/reader-table.ts';
import { API_ERRORS, ApiError } from '../errors.ts';
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

export function refuseUnknownDomain(key: DomainPlace): never {
  throw new ApiError('not-found', `There is no domain ${key.id} in boot ${key.boot} of host ${key.host}`, {
    hint: 'See GET /api/v1/domains',
  });
}
