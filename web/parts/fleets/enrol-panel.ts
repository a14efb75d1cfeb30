// How hosts come in: the command for a new one, the tokens that are still good, and the hosts that somebody has to decide
// about. For whoever may administrate.
import type { Agent } from '../../../src/api/schemas/agent.ts';
import type { Status } from '../../../src/api/schemas/status.ts';
import type { Token } from '../../../src/api/schemas/token.ts';
import { el, fill } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { deleteAt, postJson } from '../../net/api-client.ts';
import { countOf, formatCount } from '../../text/format-number.ts';
import { type Column, plainTable } from '../blocks/plain-table.ts';
import { failureText } from '../blocks/states.ts';
import { ago } from '../blocks/when.ts';
import { dayOf, endButton } from '../settings/settings-tables.ts';
import { createEnrolForm } from './enrol-form.ts';

export interface EnrolFacts {
  readonly tokens: readonly Token[];
  readonly agents: readonly Agent[];
  readonly certificate: Status['certificate'];
  readonly nowMs: number;
}

export interface EnrolPanel {
  readonly element: HTMLElement;
  update(facts: EnrolFacts): void;
}

/** `onChanged`: something was made, revoked or approved. */
export function createEnrolPanel(onChanged: () => void): EnrolPanel {
  const form = createEnrolForm(onChanged);
  const note = el('span', { class: 'quiet' });
  const said = el('p', { class: 'settings-said card-body', role: 'status', hidden: true });
  const waiting = el('div');
  const tokens = el('div');
  const element = el(
    'details',
    { class: 'card enrol' },
    el('summary', { class: 'card-head' }, el('h2', {}, 'Add hosts'), note),
    said,
    waiting,
    form.element,
    tokens,
  );
  let drawn = '';
  const act = async (path: string, words: string, isDelete: boolean): Promise<void> => {
    const answer = isDelete ? await deleteAt(path) : await postJson(path, {});
    said.hidden = false;
    fill(said, answer.ok ? words : failureText(answer.failure));
    onChanged();
  };
  const decide = ({ id }: Agent, decision: 'approve' | 'revoke') =>
    void act(
      `/agents/${encodeURIComponent(id)}/${decision}`,
      decision === 'approve' ? 'The host is approved: what it has kept comes in now.' : 'The host is revoked.',
      false,
    );
  const revoke = ({ id }: Token) => void act(`/tokens/${id}`, 'The token is revoked.', true);
  return {
    element,
    update({ tokens: all, agents, certificate, nowMs }) {
      form.setCertificate(certificate);
      const undecided = agents.filter(({ state }) => state === 'pending' || state === 'conflict');
      const good = all.filter(({ state, enrolment }) => state === 'in force' && enrolment !== undefined);
      note.textContent = noteOf(undecided.length, good.length);
      const key = JSON.stringify([undecided, good, Math.floor(nowMs / 60_000)]);
      if (key === drawn || waiting.contains(document.activeElement) || tokens.contains(document.activeElement)) return;
      drawn = key;
      if (undecided.length > 0) element.open = true;
      fill(
        waiting,
        undecided.length > 0 && plainTable('Hosts to be decided about', agentColumns(nowMs, decide), undecided),
      );
      fill(tokens, good.length > 0 && plainTable('Enrolment tokens in force', tokenColumns(revoke), good));
    },
  };
}

function noteOf(undecided: number, good: number): string {
  const parts = [
    undecided > 0 && `${countOf(undecided, 'host waits', 'hosts wait')} for a decision`,
    good > 0 && countOf(good, 'token in force', 'tokens in force'),
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'the command for a new host' : parts.join(', ');
}

function agentColumns(
  nowMs: number,
  decide: (agent: Agent, decision: 'approve' | 'revoke') => void,
): readonly Column<Agent>[] {
  return [
    { title: 'Host', cell: ({ host }) => el('span', { class: 'clip host-name' }, recordText(host.name)) },
    { title: 'Fleet', cell: ({ fleet }) => recordText(fleet), isExtra: true },
    {
      title: 'Why',
      cell: ({ state, replaces }) =>
        state === 'conflict'
          ? 'Two machines speak as this host: approve it if it is one, or revoke it and enrol each anew'
          : replaces === true
            ? 'Waits for approval, in the place of the agent that this host has'
            : 'Waits for approval',
    },
    { title: 'Came', cell: ({ enrolled_at: at }) => ago(at, nowMs), isNumber: true, isExtra: true },
    {
      title: 'Action',
      cell: (agent) => {
        const approve = el(
          'button',
          { class: 'button button-small', type: 'button', 'aria-label': `Approve ${agent.id}` },
          'Approve',
        );
        approve.addEventListener('click', () => {
          approve.blur();
          decide(agent, 'approve');
        });
        const revoke = endButton('Revoke', `Revoke ${agent.id}`, () => decide(agent, 'revoke'));
        return el('span', { class: 'button-row' }, approve, revoke);
      },
      isNumber: true,
    },
  ];
}

function tokenColumns(onRevoke: (token: Token) => void): readonly Column<Token>[] {
  return [
    { title: 'Enrolment token', cell: ({ name }) => el('span', { class: 'clip host-name' }, recordText(name)) },
    { title: 'Fleet', cell: ({ enrolment }) => recordText(enrolment?.fleet ?? ''), isExtra: true },
    {
      title: 'Hosts',
      cell: ({ enrolment }) =>
        enrolment &&
        `${formatCount(enrolment.uses)}${enrolment.uses_max === undefined ? '' : ` of ${formatCount(enrolment.uses_max)}`}`,
      isNumber: true,
    },
    {
      title: 'Approval',
      cell: ({ enrolment }) => (enrolment?.needs_approval === true ? 'each host' : 'not needed'),
      isExtra: true,
    },
    { title: 'Expires', cell: ({ expires_at: at }) => (at === undefined ? 'never' : dayOf(at)), isNumber: true },
    {
      title: 'Action',
      cell: (token) => endButton('Revoke', `Revoke the token ${token.name}`, () => onRevoke(token)),
      isNumber: true,
    },
  ];
}
