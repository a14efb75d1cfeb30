// The marks that stand in a template for what varies. Each names the rule that put it there; a name that already is a
// mark stays as it is, so that the template of a template is itself.

/** A rule of the templates. An open set for whoever reads stored ones. */
export type TemplateRule =
  | 'home'
  | 'user'
  | 'pid'
  | 'tid'
  | 'fd'
  | 'range'
  | 'n'
  | 'revision'
  | 'release'
  | 'version'
  | 'id'
  | 'uuid'
  | 'pci'
  | 'date'
  | 'hex'
  | 'digits'
  | 'hash'
  | 'random'
  | 'rest'
  | 'deleted';

/** What each mark stands for, for people. */
export const MARK_MEANINGS: Readonly<Record<Exclude<TemplateRule, 'deleted'>, string>> = {
  home: "a user's home directory (written *)",
  user: 'a user (written *)',
  pid: 'a process id',
  tid: 'a thread id',
  fd: 'a file descriptor',
  range: 'a range of addresses',
  n: 'a small number that the system gives out',
  revision: 'the revision of a package',
  release: 'the release of a kernel',
  version: 'a version',
  id: 'the id of a container, a layer or an instance',
  uuid: 'a UUID',
  pci: 'the address of a PCI device',
  date: 'a date, with or without a time',
  hex: 'a hexadecimal number',
  digits: 'a long decimal number',
  hash: 'a hash',
  random: 'random characters, as of a temporary file',
  rest: 'what was cut off',
};

/** The mark of a rule as it stands in a template. */
export function markOf(rule: TemplateRule): string {
  return rule === 'home' || rule === 'user' ? '*' : `<${rule}>`;
}

const RULES_BY_MARK: ReadonlyMap<string, TemplateRule> = new Map(
  Object.keys(MARK_MEANINGS).map((rule) => [`<${rule}>`, rule as TemplateRule]),
);

const markLengthMax = Math.max(...[...RULES_BY_MARK.keys()].map((mark) => mark.length));

/** The mark that stands at `at` of a text; undefined if none does. */
export function findMark(text: string, at: number): { readonly rule: TemplateRule; readonly end: number } | undefined {
  const end = text.slice(at, at + markLengthMax).indexOf('>') + 1;
  const rule = end === 0 ? undefined : RULES_BY_MARK.get(text.slice(at, at + end));
  return rule === undefined ? undefined : { rule, end: at + end };
}
