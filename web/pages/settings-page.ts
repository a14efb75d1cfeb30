// Trespass itself: who is signed in, keys of programs, what is kept how long, who changed what, and what it is made of.
import type { Account } from '../../src/api/schemas/account.ts';
import type { AdminAct } from '../../src/api/schemas/admin-act.ts';
import type { Agent } from '../../src/api/schemas/agent.ts';
import type { OpenSession, Session } from '../../src/api/schemas/session.ts';
import type { Status } from '../../src/api/schemas/status.ts';
import type { Token } from '../../src/api/schemas/token.ts';
import { el, fill } from '../dom/el.ts';
import { deleteAt, getJson, type Page as ListPage } from '../net/api-client.ts';
import { createAnswerCard, nothingBox } from '../parts/blocks/answer-card.ts';
import { createListFoot } from '../parts/blocks/list-foot.ts';
import { plainTable } from '../parts/blocks/plain-table.ts';
import { failureText } from '../parts/blocks/states.ts';
import { createEnrolPanel } from '../parts/fleets/enrol-panel.ts';
import { aboutCard } from '../parts/settings/about-card.ts';
import { createAccountsPanel } from '../parts/settings/accounts-panel.ts';
import { createOwnPasswordForm } from '../parts/settings/own-password-form.ts';
import { retentionFacts } from '../parts/settings/retention-facts.ts';
import { actColumns, sessionColumns, sessionFacts, tokenColumns } from '../parts/settings/settings-tables.ts';
import { createTokenForm } from '../parts/settings/token-form.ts';
import type { View } from '../state/page-address.ts';
import { countOf } from '../text/format-number.ts';
import type { PageOptions } from './page.ts';
import type { Section } from './section.ts';
import { SimplePage } from './simple-page.ts';

const ACTS_AT_ONCE = 50;
const ACTS_MAX = 1_000;
const TOKENS_MAX = 500;

export class SettingsPage extends SimplePage {
  readonly #session: Section<Session> = {};
  readonly #sessions: Section<readonly OpenSession[]> = {};
  readonly #tokens: Section<readonly Token[]> = {};
  readonly #status: Section<Status> = {};
  readonly #acts: Section<readonly AdminAct[]> = {};
  readonly #said = el('p', { class: 'settings-said', role: 'status' });
  readonly #foot = createListFoot(() => void this.#moreActs());
  readonly #tokenForm = createTokenForm(() => this.ask());
  readonly #enrol = createEnrolPanel(() => this.ask());
  readonly #accountsPanel = createAccountsPanel(() => this.ask());
  readonly #ownPassword = createOwnPasswordForm(() => this.ask());
  readonly #accounts: Section<readonly Account[]> = {};
  readonly #agents: Section<readonly Agent[]> = {};
  readonly #cards;
  #actsCursor: string | null = null;
  #isLoadingActs = false;

  constructor(view: View, options: PageOptions) {
    super(view, options);
    const onRetry = () => this.ask();
    this.#cards = {
      session: createAnswerCard<Session>({
        title: 'You',
        what: 'Who you are',
        onRetry,
        foot: this.#ownPassword.element,
      }),
      sessions: createAnswerCard<readonly OpenSession[]>({
        title: 'Browsers signed in',
        what: 'The browsers',
        onRetry,
      }),
      tokens: createAnswerCard<readonly Token[]>({
        title: 'Tokens of programs',
        what: 'The tokens',
        onRetry,
        foot: this.#tokenForm.element,
      }),
      status: createAnswerCard<Status>({ title: 'What is kept', what: 'The state of the database', onRetry }),
      acts: createAnswerCard<readonly AdminAct[]>({
        title: 'Audit log',
        what: 'The log of administration',
        onRetry,
        foot: this.#foot.element,
      }),
    };
    this.#accountsPanel.element.hidden = true;
    this.#layOut();
  }

  #layOut(): void {
    const { session, sessions, tokens, status, acts } = this.#cards;
    fill(
      this.element,
      el('div', { class: 'page-title' }, el('h1', {}, 'Settings'), this.#said),
      el(
        'div',
        { class: 'columns columns-top' },
        el(
          'div',
          { class: 'stack' },
          this.#accountsPanel.element,
          tokens.element,
          this.#enrol.element,
          sessions.element,
          acts.element,
        ),
        el('div', { class: 'stack' }, session.element, status.element, aboutCard()),
      ),
    );
  }

  override addDenial(): void {}

  protected forget(): void {}

  protected ask(): void {
    const same = <T>(value: T): T => value;
    void this.load<Session>('/session', [], this.#session, (session) => {
      const isAdmin = session.scopes.includes('admin');
      this.#tokenForm.element.hidden = !isAdmin;
      this.#enrol.element.hidden = !isAdmin;
      this.#accountsPanel.element.hidden = !isAdmin;
      this.#ownPassword.setName(session.kind === 'session' ? session.name : undefined);
      if (isAdmin) {
        void this.load<{ readonly data: readonly Account[] }, readonly Account[]>(
          '/accounts',
          [],
          this.#accounts,
          ({ data }) => data,
        );
      }
      void this.load<{ readonly data: readonly OpenSession[] }, readonly OpenSession[]>(
        '/sessions',
        isAdmin ? [['all', 'true']] : [],
        this.#sessions,
        ({ data }) => data,
      );
      return session;
    });
    void this.load<ListPage<Token>, readonly Token[]>(
      '/tokens',
      [['limit', String(TOKENS_MAX)]],
      this.#tokens,
      ({ data }) => data,
    );
    void this.load<ListPage<Agent>, readonly Agent[]>(
      '/agents',
      [['limit', String(TOKENS_MAX)]],
      this.#agents,
      ({ data }) => data,
    );
    void this.load<Status>('/status', [], this.#status, same);
    // Whoever has gone back in the log is not thrown to its beginning.
    if ((this.#acts.value?.length ?? 0) <= ACTS_AT_ONCE) {
      void this.load<ListPage<AdminAct>, readonly AdminAct[]>(
        '/audit-log',
        [['limit', String(ACTS_AT_ONCE)]],
        this.#acts,
        (page) => {
          this.#actsCursor = page.next_cursor;
          return page.data;
        },
      );
    }
  }

  async #moreActs(): Promise<void> {
    if (this.#actsCursor === null || this.#isLoadingActs) {
      return;
    }
    this.#isLoadingActs = true;
    const { signal } = this;
    const asked = [
      ['limit', String(ACTS_AT_ONCE)],
      ['cursor', this.#actsCursor],
    ] as const;
    const answer = await getJson<ListPage<AdminAct>>('/audit-log', asked, signal);
    this.#isLoadingActs = false;
    if (answer.ok && !signal.aborted) {
      this.#acts.value = [...(this.#acts.value ?? []), ...answer.value.data];
      this.#actsCursor = answer.value.next_cursor;
    }
    this.options.onChange();
  }

  async #end(path: string, words: string): Promise<void> {
    const answer = await deleteAt(path);
    fill(this.#said, answer.ok ? words : failureText(answer.failure));
    this.ask();
  }

  protected draw(nowMs: number): void {
    const minute = Math.floor(nowMs / 60_000);
    const { session, sessions, tokens, status, acts } = this.#cards;
    session.update(this.#session, minute, (value) => sessionFacts(value, this.formats, nowMs));
    const endSession = (one: OpenSession) => void this.#end(`/sessions/${one.id}`, 'The browser is signed out.');
    sessions.update(this.#sessions, minute, (all) =>
      all.length === 0 ? nothingBox('None.') : plainTable('Browsers signed in', sessionColumns(nowMs, endSession), all),
    );
    const revoke = (token: Token) => void this.#end(`/tokens/${token.id}`, 'The token is revoked.');
    tokens.setNote(
      this.#tokens.value === undefined
        ? ''
        : countOf(
            this.#tokens.value.filter((one) => one.state === 'in force').length,
            'token in force',
            'tokens in force',
          ),
    );
    tokens.update(this.#tokens, minute, (all) =>
      all.length === 0 ? nothingBox('No program has a key.') : plainTable('Tokens', tokenColumns(nowMs, revoke), all),
    );
    this.#accountsPanel.update(this.#accounts, nowMs);
    this.#enrol.update({
      tokens: this.#tokens.value ?? [],
      agents: this.#agents.value ?? [],
      certificate: this.#status.value?.certificate,
      nowMs,
    });
    status.update(this.#status, minute, (value) => retentionFacts(value, this.formats, nowMs));
    acts.update(this.#acts, minute, (all) =>
      all.length === 0
        ? nothingBox('Nothing was changed yet.')
        : plainTable('Audit log, newest first', actColumns(this.formats, nowMs), all),
    );
    this.#foot.update({
      hasMore: this.#actsCursor !== null && (this.#acts.value?.length ?? 0) < ACTS_MAX,
      isLoading: this.#isLoadingActs,
      note: '',
    });
  }
}
