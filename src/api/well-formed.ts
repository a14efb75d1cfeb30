// Texts that people send must be Unicode: JSON can spell half of a surrogate pair, which UTF-8, and so the database,
// cannot hold. Kept, it would become other characters than were sent.
import type { App } from './deps.ts';
import { ApiError } from './errors.ts';

/** For all routes registered after this, but those of collectors, whose documents are judged one by one. */
export function registerWellFormedCheck(app: App): void {
  // After validation: schemas bound how deep a body may be.
  app.addHook('preHandler', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === 'ingest' || access === 'enroll') return;
    const place = findIllFormed(request.body, 'body');
    if (place === undefined) return;
    throw new ApiError('invalid-parameter', `${place} is not well-formed Unicode`, {
      hint: 'It has half of a surrogate pair: send the whole character, or leave it out',
    });
  });
}

/** Where the first such text is. */
function findIllFormed(value: unknown, place: string): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : place;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const found = findIllFormed(member, `${place}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
