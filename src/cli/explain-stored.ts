// `trespass explain ID`: what of a database or a running server is meant by an id, and its explanation.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DomainExplanationAnswer, ExplanationAnswer } from '../store/explaining/explanation-answers.ts';
import { usageError } from './arguments.ts';
import type { Io } from './command.ts';
import type { DomainKey, QuerySource } from './query-source.ts';

/** Domains of one number that are explained: each boot of each host may have one. */
const DOMAINS_MAX = 20;

/** What an id on the command line can be. */
export type StoredId =
  | { readonly kind: 'event-or-issue'; readonly id: string }
  | { readonly kind: 'domain-number'; readonly id: string }
  | { readonly kind: 'domain'; readonly key: DomainKey };

export type Explained =
  | { readonly kind: 'denial'; readonly answer: ExplanationAnswer }
  | { readonly kind: 'domain'; readonly answer: DomainExplanationAnswer };

/** What `text` names, by its form alone; undefined where it has none of them. */
export function parseStoredId(text: string): StoredId | undefined {
  if (/^[a-z2-7]{26}$/.test(text)) return { kind: 'event-or-issue', id: text };
  if (/^[0-9a-f]{1,16}$/.test(text)) return { kind: 'domain-number', id: text };
  const [, host, boot, id] = /^([^/]+)\/([^/]+)\/([0-9a-f]{1,16})$/.exec(text) ?? [];
  if (host === undefined || boot === undefined || id === undefined) return undefined;
  return { kind: 'domain', key: { host, boot, id } };
}

/**
 * The ids among the arguments of a command that takes files or ids; undefined where they are files. `isAsked`: options
 * say where to look, so that they must be ids; otherwise a file of that name goes before an id.
 */
export function storedIdsOf(
  positionals: readonly string[],
  isAsked: boolean,
  io: Pick<Io, 'cwd'>,
): readonly StoredId[] | undefined {
  const ids = positionals.map((text) => {
    if (!isAsked && (text === '-' || isFile(resolve(io.cwd, text)))) return undefined;
    return parseStoredId(text);
  });
  const found = ids.filter((id) => id !== undefined);
  if (found.length === ids.length && ids.length > 0) return found;
  if (isAsked) {
    const strange = positionals.find((_, at) => ids[at] === undefined);
    throw usageError(
      strange === undefined ? 'there is no id to look for' : `"${strange}" is no event id, issue or domain`,
      'give 26 letters and digits, the hexadecimal number of a domain, or HOST/BOOT/DOMAIN',
    );
  }
  if (found.length > 0) throw usageError('files and ids cannot be mixed', 'explain them one after the other');
  return undefined;
}

/** Also where it may not be looked at: whoever reads it says so. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** What there is of `id`: a denial, else an issue; domains on `host` (all). Empty where there is nothing. */
export async function explainStored(
  source: QuerySource,
  id: StoredId,
  host: string | undefined,
): Promise<readonly Explained[]> {
  switch (id.kind) {
    case 'event-or-issue': {
      const answer = (await source.explain('denials', id.id)) ?? (await source.explain('issues', id.id));
      return answer === undefined ? [] : [{ kind: 'denial', answer }];
    }
    case 'domain':
      return await explainDomains(source, [id.key]);
    case 'domain-number': {
      const scope = { includeCanary: true, ...(host !== undefined && { host }) };
      const { data } = await source.page('domains', { scope, filter: { id: id.id }, limit: DOMAINS_MAX });
      return await explainDomains(
        source,
        data.map((domain) => ({ host: domain.host.id, boot: domain.boot, id: domain.id })),
      );
    }
  }
}

async function explainDomains(source: QuerySource, keys: readonly DomainKey[]): Promise<readonly Explained[]> {
  const explained: Explained[] = [];
  for (const key of keys) {
    const answer = await source.explainDomain(key);
    if (answer !== undefined) explained.push({ kind: 'domain', answer });
  }
  return explained;
}
