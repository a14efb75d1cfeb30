// The static shell of the dashboard, and the viewer of the API. It holds no data, so it needs no sign-in; its pages' addresses all get the
// same index.html.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App, AppDeps } from '../deps.ts';
import type { WebAsset } from '../web-assets.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
const NOT_BUILT = 'The dashboard is not built: run npm run build, then start the server again.\n';

export function registerWeb(app: App, deps: AppDeps): void {
  const options = { config: { access: 'public' }, schema: { hide: true } } as const;
  for (const [path, asset] of deps.assets) {
    if (path !== '/index.html') {
      app.get(path, options, async (request, reply) => sendAsset(request, reply, asset));
    }
  }
  app.get('/api/docs', options, async (request, reply) => {
    const docs = deps.assets.get('/api-docs/index.html');
    return docs === undefined
      ? sendIndex(request, reply, { ...deps, assets: new Map() })
      : sendAsset(request, reply, docs);
  });
  app.get('/', options, async (request, reply) => sendIndex(request, reply, deps));
}

/** The page, or why there is none. */
export function sendIndex(request: FastifyRequest, reply: FastifyReply, deps: AppDeps): FastifyReply {
  const index = deps.assets.get('/index.html');
  if (index === undefined) {
    return reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
  }
  return sendAsset(request, reply, index);
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: WebAsset): FastifyReply {
  reply.header('etag', asset.etag).header('cache-control', asset.isImmutable ? IMMUTABLE : 'no-cache');
  reply.header('vary', 'accept-encoding').type(asset.type);
  if (request.headers['if-none-match'] === asset.etag) {
    return reply.code(304).send();
  }
  const accepted = (request.headers['accept-encoding'] ?? '').split(',').map((part) => part.split(';')[0]?.trim());
  if (asset.brotli !== undefined && accepted.includes('br')) {
    return reply.header('content-encoding', 'br').send(asset.brotli);
  }
  if (asset.gzip !== undefined && accepted.includes('gzip')) {
    return reply.header('content-encoding', 'gzip').send(asset.gzip);
  }
  return reply.send(asset.plain);
}
