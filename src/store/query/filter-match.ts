// The same filter on a document in memory, for the live stream. Means what filter-sql.ts means: change both or none. One
// thing a document does not say: that its issue was gathered with others (issue-register.ts). Unless the context knows
// better, it has the issue of its fingerprint here.
import type { Denial, Document, DomainCreated } from '../../landlock/document.ts';
import { fingerprintOf } from '../../landlock/fingerprint.ts';
import { isColumnText } from '../columns/denial-columns.ts';
import { plainNumber } from '../columns/plain-number.ts';
import type { Comparison, Filter, NumberField, TextField } from './filter-parse.ts';
import { foldAscii, matchesPattern, type Pattern } from './pattern.ts';

/** What the store knows of a host beyond the document. */
export interface FilterContext {
  /** The host's present name; undefined: as the document says. */
  hostName(hostId: string): string | undefined;
  fleet(hostId: string): string | undefined;
  /** The issue that the denial was stored with; undefined: that of its fingerprint. */
  readonly issue?: (doc: Denial) => string | undefined;
}

/** Whether `doc` matches. Documents that are no denials have but host, fleet, domain and kind. */
export function matchesFilter(filter: Filter, doc: Document | DomainCreated, context: FilterContext): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.items.every((item) => matchesFilter(item, doc, context));
    case 'any':
      return filter.items.some((item) => matchesFilter(item, doc, context));
    case 'not':
      return !matchesFilter(filter.item, doc, context);
    case 'anywhere':
      return doc.kind === 'denial' && isAnywhere(filter.pattern, doc);
    case 'text':
      return textsOf(filter.field, doc, context).some(
        (text) => text !== undefined && isColumnText(text) && matchesPattern(filter.pattern, text),
      );
    case 'number':
      return (
        doc.kind === 'denial' && numbersOf(filter.field, doc).some((n) => compares(n, filter.comparison, filter.value))
      );
  }
}

function isAnywhere(pattern: Pattern, doc: Denial): boolean {
  const anywhere = ['', ...pattern.map(foldAscii), ''];
  const texts = [doc.file?.path, doc.process?.executable, doc.process?.name];
  return texts.some((text) => text !== undefined && isColumnText(text) && matchesPattern(anywhere, foldAscii(text)));
}

function textsOf(
  field: TextField,
  doc: Document | DomainCreated,
  context: FilterContext,
): readonly (string | undefined)[] {
  switch (field) {
    case 'host':
      return [doc.host.id, context.hostName(doc.host.id) ?? doc.host.name];
    case 'fleet':
      return [context.fleet(doc.host.id)];
    case 'domain':
      return 'landlock' in doc ? [doc.landlock.domain.id] : [];
    case 'kind':
      return doc.kind === 'denial' ? [doc.kind, doc.landlock.object.kind] : [doc.kind];
    default:
      return doc.kind === 'denial' ? denialTexts(field, doc, context) : [];
  }
}

function denialTexts(
  field: Exclude<TextField, 'host' | 'fleet' | 'domain' | 'kind'>,
  doc: Denial,
  context: FilterContext,
) {
  switch (field) {
    case 'blocker':
      return doc.landlock.blockers;
    case 'path':
      return [doc.file?.path];
    case 'program':
      return [doc.process?.executable];
    case 'comm':
      return [doc.process?.name];
    case 'user':
      return [plainNumber(doc.user?.id), plainNumber(doc.user?.audit?.id)].map((id) =>
        id === null ? undefined : String(id),
      );
    case 'issue':
      return [context.issue?.(doc) ?? fingerprintOf(doc).fingerprint];
    case 'unit':
      return [doc.systemd?.unit, doc.systemd?.user_unit];
    case 'package':
      return doc.package === undefined ? [] : [doc.package.name, `${doc.package.name}=${doc.package.version}`];
  }
}

function numbersOf(field: NumberField, doc: Denial): readonly (number | null | undefined)[] {
  switch (field) {
    case 'pid':
      return [doc.process?.pid];
    case 'uid':
      return [plainNumber(doc.user?.id)];
    case 'port':
      return [doc.source?.port, doc.destination?.port];
  }
}

function compares(n: number | null | undefined, comparison: Comparison, value: number): boolean {
  if (n === null || n === undefined) return false;
  switch (comparison) {
    case '=':
      return n === value;
    case '>':
      return n > value;
    case '>=':
      return n >= value;
    case '<':
      return n < value;
    case '<=':
      return n <= value;
  }
}
