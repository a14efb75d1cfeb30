// What landlockconfig takes as JSON, after its published schema (schema/landlockconfig.json, as of its `abi` and `scoped`
// members): names of members, of rights, and that lists hold something.
const FS = [
  ...['abi.all', 'abi.read_execute', 'abi.read_write', 'execute', 'write_file', 'read_file', 'read_dir', 'remove_dir'],
  ...['remove_file', 'make_char', 'make_dir', 'make_reg', 'make_sock', 'make_fifo', 'make_block', 'make_sym', 'refer'],
  ...['truncate', 'ioctl_dev'],
];
const NET = ['abi.all', 'bind_tcp', 'connect_tcp'];
const SCOPES = ['abi.all', 'abstract_unix_socket', 'signal'];

const some = (items: object) => ({ type: 'array', minItems: 1, items });
const oneOf = (names: readonly string[]) => some({ type: 'string', enum: names });
const closed = (properties: object, required: readonly string[]) => {
  return { type: 'object', properties, required, additionalProperties: false };
};

export const landlockconfigSchema = {
  ...closed(
    {
      abi: { type: 'integer', minimum: 1 },
      variable: some(closed({ name: { type: 'string' }, literal: some({ type: 'string' }) }, ['name'])),
      ruleset: some({
        ...closed({ handledAccessFs: oneOf(FS), handledAccessNet: oneOf(NET), scoped: oneOf(SCOPES) }, []),
        minProperties: 1,
      }),
      pathBeneath: some(
        closed({ allowedAccess: oneOf(FS), parent: some({ type: 'string' }) }, ['allowedAccess', 'parent']),
      ),
      netPort: some(
        closed({ allowedAccess: oneOf(NET), port: some({ type: 'integer', minimum: 0 }) }, ['allowedAccess', 'port']),
      ),
    },
    [],
  ),
  anyOf: ['variable', 'ruleset', 'pathBeneath', 'netPort'].map((name) => ({ required: [name] })),
};
