// The OpenAPI 3.1 document, made from the same schemas that validate. Schemas with a title become components.
import swagger from '@fastify/swagger';
import type { App } from './deps.ts';
import { EXAMPLES } from './openapi-examples.ts';

/** Makes `app.swagger()` describe all routes registered after this. */
export async function registerOpenApiGenerator(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trespass',
        version,
        description:
          'What Linux Landlock denied, to whom and why. Names follow the Elastic Common Schema; errors are RFC 9457; ' +
          'lists are paged by opaque cursors.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'denials', description: 'Refused accesses' },
        { name: 'domains', description: 'Landlock domains and their tree' },
        { name: 'programs', description: 'Programs that use Landlock' },
        { name: 'issues', description: 'Denials that share a program, blockers and object' },
        { name: 'users', description: 'Users of whose processes something was denied' },
        { name: 'hosts', description: 'Machines and their boots' },
        { name: 'fleets', description: 'Named sets of hosts' },
        { name: 'stats', description: 'Counts' },
        { name: 'status', description: 'Trespass itself' },
        { name: 'agents', description: 'Collectors of other hosts and their keys' },
        { name: 'session', description: 'Signing in and out' },
        { name: 'accounts', description: 'People who sign in with a password' },
        { name: 'views', description: 'What people look for again and again' },
        { name: 'tokens', description: 'Keys of programs' },
        { name: 'audit log', description: 'Who changed what about Trespass itself' },
        { name: 'delivery', description: 'From collectors' },
      ],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'trespass_session' },
          token: { type: 'http', scheme: 'bearer', description: 'trp_…' },
        },
      },
      security: [{ session: [] }, { token: [] }],
    },
    transformObject: (document) => ('openapiObject' in document ? withComponents(document.openapiObject) : {}),
  });
}

/** `document` with every titled schema moved to components and referred to. */
function withComponents<T extends object>(document: T): T {
  const schemas = new Map<string, unknown>();
  const hoist = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(hoist);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const copy = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === 'example' ? inner : hoist(inner)]),
    );
    const { title } = copy;
    if (typeof title !== 'string' || !('properties' in copy || 'anyOf' in copy)) {
      return copy;
    }
    schemas.set(title, copy);
    return { $ref: `#/components/schemas/${title}` };
  };
  const { paths, ...rest } = toRecord(document);
  const hoisted = hoist(withDescriptions(paths));
  const components = { ...toRecord(rest.components), schemas: Object.fromEntries([...schemas].sort()) };
  // Checked by the test that reads the whole document.
  return { ...rest, components, paths: hoisted } as unknown as T;
}

/** Answers get an example, and those that say nothing of themselves are what the operation's summary promises. */
function withDescriptions(paths: unknown): Record<string, unknown> {
  return eachOf(paths, (path) =>
    eachOf(path, (operation) => ({
      ...operation,
      responses: eachOf(operation.responses, (response, status) => ({
        ...response,
        ...(response.description === 'Default Response' && { description: operation.summary }),
        ...(status.startsWith('2') && withExample(response, String(operation.operationId))),
      })),
    })),
  );
}

function withExample({ content }: Record<string, unknown>, operationId: string): object {
  const { 'application/json': json, ...others } = toRecord(content);
  const example = Object.hasOwn(EXAMPLES, operationId) ? EXAMPLES[operationId] : undefined;
  if (json === undefined || example === undefined) return {};
  return { content: { ...others, 'application/json': { ...toRecord(json), example } } };
}

function eachOf(value: unknown, change: (inner: Record<string, unknown>, name: string) => unknown) {
  return Object.fromEntries(Object.entries(toRecord(value)).map(([key, inner]) => [key, change(toRecord(inner), key)]));
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
