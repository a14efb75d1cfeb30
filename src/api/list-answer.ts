// What all lists have in common, in one place: the Link header to the next page (RFC 8288) and the choice of members.
import type { FastifyRequest } from 'fastify';
import type { App } from './deps.ts';

/** Levels of one chosen member. */
const LEVELS_MAX = 8;

interface ListPage {
  readonly data: readonly unknown[];
  readonly next_cursor: string | null;
}

/** To all routes registered after this: answers that are a page of a list get both. */
export function registerListAnswers(app: App): void {
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    if (reply.statusCode !== 200 || !isPage(payload)) return payload;
    if (payload.next_cursor !== null) reply.header('link', linkTo(request.url, payload.next_cursor));
    const fields = fieldsOf(request);
    return fields === undefined ? payload : { ...payload, data: payload.data.map((entry) => pick(entry, fields)) };
  });
}

function isPage(payload: unknown): payload is ListPage {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    'data' in payload &&
    Array.isArray(payload.data) &&
    'next_cursor' in payload
  );
}

/** Relative to this server, so that it holds behind any proxy. */
function linkTo(url: string, cursor: string): string {
  // A query may itself have a question mark.
  const end = url.includes('?') ? url.indexOf('?') : url.length;
  const parameters = new URLSearchParams(url.slice(end + 1));
  parameters.set('cursor', cursor);
  const path = url.slice(0, end).replace(/[<>"]/g, encodeURIComponent);
  return `<${path}?${parameters.toString()}>; rel="next"`;
}

/** The members chosen, each as its levels. */
type Fields = readonly (readonly string[])[];

function fieldsOf(request: FastifyRequest): Fields | undefined {
  const { query } = request;
  const fields = typeof query === 'object' && query !== null && 'fields' in query ? query.fields : undefined;
  return typeof fields === 'string' ? fields.split(',').map((field) => field.trim().split('.', LEVELS_MAX)) : undefined;
}

/** `value` with the chosen members only; of an array's entries each. Names come from anybody: none reaches a prototype. */
function pick(value: unknown, fields: Fields): unknown {
  if (Array.isArray(value)) return value.map((entry) => pick(entry, fields));
  if (typeof value !== 'object' || value === null) return value;
  const chosen = new Map<string, string[][] | undefined>();
  for (const [first = '', ...rest] of fields) {
    if (rest.length === 0) chosen.set(first, undefined);
    else if (!chosen.has(first)) chosen.set(first, [rest]);
    else chosen.get(first)?.push(rest);
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => chosen.has(name))
      .map(([name, member]) => {
        const inner = chosen.get(name);
        return [name, inner === undefined ? member : pick(member, inner)];
      }),
  );
}
