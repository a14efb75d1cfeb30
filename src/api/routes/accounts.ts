// GET and POST /accounts, PATCH and DELETE /accounts/{name}, PUT /accounts/{name}/password: people who sign in with a
// password, for whoever may administrate. PUT /session/password: one's own.
import Type from 'typebox';
import { toAccountName } from '../../store/access/accounts.ts';
import { toAccountAnswer } from '../access/account-answer.ts';
import { actorOf } from '../access/admin-acts.ts';
import type { PasswordGate } from '../access/password-gate.ts';
import { principalOf } from '../access/principal.ts';
import { setSessionCookies } from '../access/session-cookie.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import {
  accountChangeSchema,
  accountSchema,
  accountsSchema,
  newAccountSchema,
  newPasswordSchema,
  ownPasswordSchema,
} from '../schemas/account.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';
import { ATTEMPTS, clientOf } from './sign-in.ts';

const keySchema = Type.Object({ name: Type.String({ maxLength: 64 }) });

export function registerAccounts(app: App, deps: AppDeps, gate: PasswordGate): void {
  app.get(
    '/api/v1/accounts',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listAccounts',
        summary: 'People who sign in with a password, by name',
        tags: ['accounts'],
        response: { 200: accountsSchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async (_request, reply) => {
      const accounts = await deps.readers.ask('listAccounts', {}, { signal: clientGone(reply) });
      return { data: accounts.map(toAccountAnswer) };
    },
  );

  app.post(
    '/api/v1/accounts',
    {
      config: { access: 'admin', act: 'user-add' },
      schema: {
        operationId: 'createAccount',
        summary: 'Let somebody sign in with a password',
        tags: ['accounts'],
        body: newAccountSchema,
        response: { 201: accountSchema, ...problemAnswers(400, 401, 403, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { role, password } = request.body;
      const name = toAccountName(request.body.name) ?? refuseUnknown(request.body.name);
      const kept = await gate.hash(password);
      const nowMs = deps.now();
      const created = deps.acts.perform(
        () => deps.accounts.create({ name, role, password: kept }, nowMs),
        (result) =>
          typeof result === 'number'
            ? { actor: actorOf(request), action: 'user-add', target: name, detail: { role } }
            : undefined,
        nowMs,
      );
      if (created === 'exists') throw new ApiError('already-exists', `There is an account ${name} already`);
      if (created === 'too-many') throw new ApiError('limit-reached', 'There are as many accounts as there may be');
      return reply.code(201).send(toAccountAnswer(deps.accounts.get(name) ?? refuseUnknown(name)));
    },
  );
  registerChange(app, deps);
  registerPassword(app, deps, gate);
}

function registerChange(app: App, deps: AppDeps): void {
  app.patch(
    '/api/v1/accounts/:name',
    {
      config: { access: 'admin', act: 'user-change' },
      schema: {
        operationId: 'changeAccount',
        summary: 'Give an account another role, disable or enable it; it is signed out everywhere',
        tags: ['accounts'],
        params: keySchema,
        body: accountChangeSchema,
        response: { 200: accountSchema, ...problemAnswers(400, 401, 403, 404, 413, 415, 503) },
      },
    },
    async (request) => {
      const name = toAccountName(request.params.name) ?? refuseUnknown(request.params.name);
      const { role, disabled } = request.body;
      const nowMs = deps.now();
      deps.acts.perform(
        () =>
          (role === undefined || deps.accounts.setRole(name, role)) &&
          (disabled === undefined || deps.accounts.setDisabled(name, disabled, nowMs)),
        (isKnown) =>
          isKnown
            ? { actor: actorOf(request), action: 'user-change', target: name, detail: request.body }
            : refuseUnknown(name),
        nowMs,
      );
      return toAccountAnswer(deps.accounts.get(name) ?? refuseUnknown(name));
    },
  );

  app.delete(
    '/api/v1/accounts/:name',
    {
      config: { access: 'admin', act: 'user-remove' },
      schema: {
        operationId: 'deleteAccount',
        summary: 'Remove an account and what it kept for itself; it is signed out everywhere',
        tags: ['accounts'],
        params: keySchema,
        response: { 204: Type.Null({ description: 'Removed' }), ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const name = toAccountName(request.params.name) ?? refuseUnknown(request.params.name);
      deps.acts.perform(
        () => deps.accounts.delete(name),
        (isKnown) => (isKnown ? { actor: actorOf(request), action: 'user-remove', target: name } : refuseUnknown(name)),
        deps.now(),
      );
      return reply.code(204).send(null);
    },
  );
}

function registerPassword(app: App, deps: AppDeps, gate: PasswordGate): void {
  app.put(
    '/api/v1/accounts/:name/password',
    {
      config: { access: 'admin', act: 'user-password' },
      schema: {
        operationId: 'setPassword',
        summary: 'Give an account another password; it is signed out everywhere',
        tags: ['accounts'],
        params: keySchema,
        body: newPasswordSchema,
        response: { 204: Type.Null({ description: 'Set' }), ...problemAnswers(400, 401, 403, 404, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const name = toAccountName(request.params.name) ?? refuseUnknown(request.params.name);
      const kept = await gate.hash(request.body.password);
      const nowMs = deps.now();
      deps.acts.perform(
        () => deps.accounts.setPassword(name, kept, nowMs),
        (isKnown) =>
          isKnown ? { actor: actorOf(request), action: 'user-password', target: name } : refuseUnknown(name),
        nowMs,
      );
      return reply.code(204).send(null);
    },
  );
}

/** For browsers: the answer brings the cookies of the session that goes on. */
export function registerOwnPassword(app: App, deps: AppDeps, gate: PasswordGate): void {
  app.put(
    '/api/v1/session/password',
    {
      config: { access: 'read', act: 'user-password', rateLimit: ATTEMPTS },
      schema: {
        operationId: 'changeOwnPassword',
        summary: "Change one's own password; all sessions end but this one, which gets other cookies",
        tags: ['session'],
        body: ownPasswordSchema,
        response: {
          204: Type.Null({ description: 'Changed' }),
          ...problemAnswers(400, 401, 403, 413, 415, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { session, name } = principalOf(request);
      if (session === undefined || session.account === null || name === undefined) {
        throw new ApiError('bad-request', 'Whoever did not sign in with a password has none', {
          hint: 'See PUT /api/v1/accounts/{name}/password',
        });
      }
      const { old_password: old, password } = request.body;
      const account = await gate.check(request.ip, name, old, deps.now());
      // An account of that name that is another one by now is none of this session's.
      if (account?.id !== session.account) {
        deps.acts.noteRefused({ actor: actorOf(request), action: 'user-password', target: name }, deps.now());
        throw new ApiError('wrong-password', 'The old password is another');
      }
      const kept = await gate.hash(password);
      const nowMs = deps.now();
      const begun = deps.acts.perform(
        () => deps.access.changePassword(account, kept, clientOf(request), nowMs),
        (result) => result && { actor: actorOf(request), action: 'user-password', target: name },
        nowMs,
      );
      if (begun === undefined) throw new ApiError('wrong-password', 'The account has changed meanwhile');
      setSessionCookies(reply, begun, deps.isSecure);
      return reply.header('cache-control', 'no-store').code(204).send(null);
    },
  );
}

function refuseUnknown(name: string): never {
  throw new ApiError('not-found', `There is no account ${JSON.stringify(name)}`, { hint: 'See GET /api/v1/accounts' });
}
