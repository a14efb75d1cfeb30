// Building blocks of the contract's schemas. Objects stay open (no additionalProperties: false): newer kernels
// and newer versions add fields, and a reader must not break on them.
import Type, { type TSchema } from 'typebox';

/** An array that readers may not change. */
export function list<T extends TSchema>(items: T, options: { readonly description?: string } = {}) {
  return Type.Immutable(Type.Array(items, options));
}

/** RFC 3339 in UTC. */
export const time = () => Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });

/** A count: an integer from 0. */
export const count = (description?: string) =>
  Type.Integer({ minimum: 0, ...(description !== undefined && { description }) });

/** One page of a list. `title` names the schema in the OpenAPI document. */
export function page<T extends TSchema>(items: T, title: string) {
  return Type.Object(
    {
      data: list(items),
      next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Opaque; null on the last page' }),
    },
    { title },
  );
}
