// Asks the server. Every answer is a value: either what was asked for or why not, in words that can be shown.
import type { Problem } from '../../src/api/schemas/problem.ts';

export type Parameters = readonly (readonly [string, string])[];

export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

export interface Failure {
  /**
   * `signed-out`: the session is over; `unreachable`: no answer at all; `missing`: the server does not have it;
   * `cancelled`: nobody waits any more.
   */
  readonly kind: 'signed-out' | 'unreachable' | 'missing' | 'refused' | 'cancelled';
  readonly message: string;
  readonly hint?: string;
  /** Finds the request in the log of the server. */
  readonly requestId?: string;
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

const TIMEOUT_MS = 30_000;

/** Answers to questions that were asked before the code of the page that asks them was there; each is used once. */
const early = new Map<string, Promise<Answer<unknown>>>();

/** GET below /api/v1. The shape of a 200 is the server's promise (its schemas), so it is not checked again. */
export async function getJson<T>(path: string, parameters: Parameters = [], signal?: AbortSignal): Promise<Answer<T>> {
  const asked = withQuery(path, parameters);
  const begun = early.get(asked);
  early.delete(asked);
  return begun === undefined ? request<T>('GET', asked, signal) : ((await begun) as Answer<T>);
}

/** Asks what `getJson` will be asked with the same words. */
export function askEarly(path: string, parameters: Parameters): void {
  const asked = withQuery(path, parameters);
  early.set(asked, request('GET', asked));
}

/** What nobody has come for would be old later. */
export function dropEarlyAnswers(): void {
  early.clear();
}

function withQuery(path: string, parameters: Parameters): string {
  const query = new URLSearchParams(parameters.map(([name, value]) => [name, value])).toString();
  return query === '' ? path : `${path}?${query}`;
}

/** Ends the session on the server. */
export async function signOut(): Promise<Answer<unknown>> {
  return request('DELETE', '/session');
}

/** PATCH below /api/v1. */
export async function patchJson<T>(path: string, change: object): Promise<Answer<T>> {
  return request<T>('PATCH', path, undefined, change);
}

/** POST below /api/v1. */
export async function postJson<T>(path: string, body: object): Promise<Answer<T>> {
  return request<T>('POST', path, undefined, body);
}

/** PUT below /api/v1. */
export async function putJson<T>(path: string, body: object): Promise<Answer<T>> {
  return request<T>('PUT', path, undefined, body);
}

/** DELETE below /api/v1. */
export async function deleteAt(path: string): Promise<Answer<unknown>> {
  return request('DELETE', path);
}

/** Begins a session; its cookies come with the answer. */
export async function signIn(user: string, password: string): Promise<Answer<unknown>> {
  return request('POST', '/session', undefined, { user, password });
}

async function request<T>(method: string, path: string, signal?: AbortSignal, body?: object): Promise<Answer<T>> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(`/api/v1${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken() }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (response.ok) {
      return { ok: true, value: response.status === 204 ? (undefined as T) : ((await response.json()) as T) };
    }
    return { ok: false, failure: await readFailure(response) };
  } catch (error) {
    if (signal?.aborted === true) {
      return { ok: false, failure: { kind: 'cancelled', message: 'Not needed any more.' } };
    }
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    return {
      ok: false,
      failure: {
        kind: 'unreachable',
        message: timedOut ? 'The server did not answer in time.' : 'The server cannot be reached.',
        hint: 'Is `trespass run` still running on that machine?',
      },
    };
  }
}

/** What the server takes as a sign that our own page writes: other sites cannot read our cookies. */
function csrfToken(): string {
  return /(?:^|;\s*)(?:__Host-)?trespass_csrf=([\w-]+)/.exec(document.cookie)?.[1] ?? '';
}

async function readFailure(response: Response): Promise<Failure> {
  const kind = response.status === 401 ? 'signed-out' : response.status === 404 ? 'missing' : 'refused';
  const problem = await readProblem(response);
  const requestId = problem.instance ?? response.headers.get('x-request-id');
  return {
    kind,
    message: problem.detail ?? problem.title ?? `The server answered ${response.status}.`,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(requestId === null || requestId === undefined ? {} : { requestId }),
  };
}

/** Anything may stand in front of the server, so an error's body is believed only as far as it has texts. */
async function readProblem(
  response: Response,
): Promise<Partial<Pick<Problem, 'title' | 'detail' | 'hint' | 'instance'>>> {
  try {
    const body: unknown = await response.json();
    const text = (key: string): string | undefined => {
      const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[key] : undefined;
      return typeof value === 'string' ? value : undefined;
    };
    const [title, detail, hint, instance] = ['title', 'detail', 'hint', 'instance'].map(text);
    return {
      ...(title === undefined ? {} : { title }),
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      ...(instance === undefined ? {} : { instance }),
    };
  } catch {
    return {};
  }
}
