// GET /denials/export: all denials that match, as a file in one of the formats of src/api/export.
import Type from 'typebox';
import { mayUse } from '../access/principal.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { openExport } from '../export/export-stream.ts';
import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS } from '../export/formats.ts';
import { scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

/** At once: each keeps a reader busy as long as its connection takes what it reads. */
const EXPORTS_MAX = 4;
/** Of these, of one token or session: nobody alone takes all. */
const EXPORTS_OF_CALLER_MAX = 3;
const RETRY_SECONDS = 30;

const exportAnswer = {
  200: {
    description: 'A file. It is whole only if the answer ends as HTTP says; an error within breaks the connection',
    content: Object.fromEntries(
      [...new Set(Object.values(EXPORT_FORMATS).map(({ mediaType }) => mediaType.split(';')[0] ?? mediaType))].map(
        (type) => [type, { schema: { type: 'string' } }],
      ),
    ),
  },
};

export function registerDenialExport(app: App, deps: AppDeps): void {
  const places = new ExportPlaces();
  app.get(
    '/api/v1/denials/export',
    {
      config: { access: 'read' },
      exposeHeadRoute: false,
      schema: {
        operationId: 'exportDenials',
        summary: 'All denials that match, newest first, as a file',
        description:
          'ndjson: as GET /denials. csv: RFC 4180, safe for spreadsheets. ecs: Elastic Common Schema 8.11. ' +
          'ocsf: OCSF 1.7. cef: CEF:0. auparse-csv: the columns of `ausearch --format csv --extra-keys`. ' +
          'Arguments of processes are there for readers with the scope `read-sensitive` only.',
        tags: ['denials'],
        querystring: Type.Object(
          { format: Type.Optional(Type.Enum([...EXPORT_FORMAT_NAMES], { default: 'ndjson' })), ...scopeParameters },
          { additionalProperties: false },
        ),
        response: { ...exportAnswer, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { format: name = 'ndjson', ...query } = request.query;
      const { principal } = request;
      const format = EXPORT_FORMATS[name];
      const scope = toScope(query, deps.now());
      const leave = places.enter(principal?.id ?? '');
      const stream = await openExport({
        readers: deps.readers,
        scope,
        format,
        version: deps.version,
        maySeeSensitive: principal !== undefined && mayUse(principal, 'read-sensitive'),
        isAllowed: () => principal?.isValid(deps.now()) === true,
        signal: clientGone(reply),
        log: request.log,
      }).catch((error: unknown) => {
        leave();
        throw error;
      });
      stream.once('close', leave);
      return reply
        .type(format.mediaType)
        .header('content-disposition', `attachment; filename="trespass-denials.${format.extension}"`)
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .send(stream);
    },
  );
}

/** Who exports at the moment. */
class ExportPlaces {
  readonly #callers: string[] = [];

  /** Throws ApiError where there is no place; answers how to leave it. */
  enter(caller: string): () => void {
    const own = this.#callers.filter((other) => other === caller).length;
    if (this.#callers.length >= EXPORTS_MAX || own >= EXPORTS_OF_CALLER_MAX) {
      throw new ApiError(
        'too-many-streams',
        `${this.#callers.length} exports are under way, ${own} of this token or session`,
        { retryAfterSeconds: RETRY_SECONDS },
      );
    }
    this.#callers.push(caller);
    return () => void this.#callers.splice(this.#callers.indexOf(caller), 1);
  }
}
