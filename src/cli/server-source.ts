// Answers from a running server, by its REST API.
import type { Denial } from '../landlock/document.ts';
import { OperatingError } from '../runtime/operating-error.ts';
import type { DomainTreeAnswer, Page, Scope } from '../store/answers.ts';
import type { DomainExplanationAnswer, ExplanationAnswer } from '../store/explaining/explanation-answers.ts';
import type { SuggestAnswer, SuggestRequest } from '../store/explaining/suggestions.ts';
import type { PackageMetrics, PackageMetricsRequest } from '../store/fleets/package-metrics.ts';
import { type ApiAddress, ApiClient, type StreamEvent } from './api-client.ts';
import type { DomainKey, PageQuery, QuerySource, ResourceName, Resources } from './query-source.ts';

/** Asks the server at an address; can follow its stream. */
export class ServerSource implements QuerySource {
  readonly #client: ApiClient;

  constructor(address: ApiAddress) {
    this.#client = new ApiClient(address);
  }

  async page<Name extends ResourceName>(name: Name, query: PageQuery): Promise<Page<Resources[Name]>> {
    const parameters = scopeParameters(query.scope);
    for (const [name, value] of Object.entries(query.filter ?? {}))
      if (value !== undefined) parameters.set(name, value);
    parameters.set('limit', String(query.limit));
    if (query.cursor !== undefined) {
      parameters.set('cursor', query.cursor);
    }
    const answer = await this.#client.getJson(`/${name}?${parameters}`);
    if (!isPage<Resources[Name]>(answer)) {
      throw new OperatingError('no-trespass', `the server did not answer a list of ${name}`, 'update both sides');
    }
    return answer;
  }

  async tree({ host, boot, id }: DomainKey): Promise<DomainTreeAnswer | undefined> {
    const path = [host, boot, id].map(encodeURIComponent).join('/');
    const answer = await this.#client.getJson(`/domains/${path}/tree`);
    if (!isTree(answer))
      throw new OperatingError('no-trespass', 'the server did not answer a tree', 'update both sides');
    return answer;
  }

  async explain(what: 'denials' | 'issues', id: string): Promise<ExplanationAnswer | undefined> {
    const answer = await this.#client.findJson(`/${what}/${encodeURIComponent(id)}/explanation`);
    return answer === undefined ? undefined : toExplained<ExplanationAnswer>(answer);
  }

  async explainDomain({ host, boot, id }: DomainKey): Promise<DomainExplanationAnswer | undefined> {
    const path = [host, boot, id].map(encodeURIComponent).join('/');
    const answer = await this.#client.findJson(`/domains/${path}/explanation`);
    return answer === undefined ? undefined : toExplained<DomainExplanationAnswer>(answer);
  }

  async suggest({ selection, scope, format, generalise, includeGuarded }: SuggestRequest): Promise<SuggestAnswer> {
    const { query, ...named } = selection;
    const parameters = scopeParameters({ ...scope, ...(query !== undefined && { query }) });
    for (const [name, value] of Object.entries(named)) if (value !== undefined) parameters.set(name, value);
    parameters.set('format', format);
    if (generalise === true) parameters.set('generalise', 'true');
    if (includeGuarded === true) parameters.set('include_guarded', 'true');
    const answer = await this.#client.getJson(`/suggestions?${parameters}`);
    if (!isSuggestion(answer))
      throw new OperatingError('no-trespass', 'the server did not answer a suggestion', 'update both sides');
    return answer;
  }

  async packages({ fleet, package: name, scope }: PackageMetricsRequest): Promise<PackageMetrics | undefined> {
    const parameters = scopeParameters(scope);
    if (name !== undefined) parameters.set('package', name);
    const answer = await this.#client.findJson(`/fleets/${encodeURIComponent(fleet)}/packages?${parameters}`);
    if (answer !== undefined && !isPackages(answer)) {
      throw new OperatingError('no-trespass', 'the server did not answer versions of packages', 'update both sides');
    }
    return answer;
  }

  async follow(scope: Scope, signal: AbortSignal): Promise<AsyncIterable<Denial>> {
    return onlyDenials(await this.#client.openStream(`/denials/stream?${scopeParameters(scope)}`, signal));
  }

  close(): void {}
}

async function* onlyDenials(events: AsyncIterable<StreamEvent>): AsyncGenerator<Denial> {
  for await (const { event, data } of events) {
    if (event === 'denial') {
      yield JSON.parse(data) as Denial;
    }
  }
}

function isPackages(answer: unknown): answer is PackageMetrics {
  return typeof answer === 'object' && answer !== null && Array.isArray(Reflect.get(answer, 'versions'));
}

function scopeParameters(scope: Scope): URLSearchParams {
  const parameters = new URLSearchParams();
  const add = (name: string, value: string | undefined) => value !== undefined && parameters.set(name, value);
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
  add('from', time(scope.fromMs));
  add('to', time(scope.toMs));
  add('host', scope.host);
  add('fleet', scope.fleet);
  add('q', scope.query);
  add('include', scope.includeCanary ? 'canary' : undefined);
  return parameters;
}

/** The outer shape, as below. */
function isSuggestion(answer: unknown): answer is SuggestAnswer {
  return typeof answer === 'object' && answer !== null && 'text' in answer && 'suggestion' in answer;
}

/** The outer shape is checked, as below. */
function toExplained<T extends { readonly sentence: string }>(answer: unknown): T {
  if (typeof answer === 'object' && answer !== null && 'sentence' in answer) return answer as T;
  throw new OperatingError('no-trespass', 'the server did not answer an explanation', 'update both sides');
}

/** The outer shape, as below. */
function isTree(answer: unknown): answer is DomainTreeAnswer {
  return typeof answer === 'object' && answer !== null && 'domains' in answer && Array.isArray(answer.domains);
}

/** The outer shape; the rows are our own server's. */
function isPage<Row>(answer: unknown): answer is Page<Row> {
  return typeof answer === 'object' && answer !== null && 'data' in answer && Array.isArray(answer.data);
}
