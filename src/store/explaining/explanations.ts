// Explains what is stored: a denial, an issue by its latest denial, a domain by what it refused. The words are
// src/landlock/explain's; here they get what else is known.
import type { Denial } from '../../landlock/document.ts';
import { type ExplainContext, explain } from '../../landlock/explain/explain.ts';
import { type DomainFacts, domainSentence, domainUnknowns } from '../../landlock/explain/explain-domain.ts';
import type { IssueHistory } from '../../landlock/explain/history-causes.ts';
import type { Meaning } from '../../landlock/explain/meanings.ts';
import { shown } from '../../landlock/phrase.ts';
import type { DomainAnswer } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { denialOfRow, getDenial } from '../denials/denials.ts';
import { familiesIn } from '../families/domain-family.ts';
import { creatorOfDomain, findDomain } from '../families/domains.ts';
import type { IssueDetailAnswer } from '../issues/issue-answers.ts';
import { getIssue } from '../issues/issues.ts';
import type { DenialName, DomainExplanationAnswer, ExplanationAnswer, RefusedThing } from './explanation-answers.ts';
import { AROUND_SECONDS, type Around, refusedAround, refusedByDomain } from './neighbours.ts';

/** Hosts of an answer. */
const hostsMax = 20;

/** The denial with this event.id in plain words; undefined where there is none. */
export function explainDenial(db: Database, eventId: string): ExplanationAnswer | undefined {
  const stored = getDenial(db, eventId);
  return stored === undefined || stored.doc.kind !== 'denial' ? undefined : explainOne(db, stored.doc, stored.issue);
}

/** The latest denial of the issue in plain words; undefined where there is no such issue, or none of its denials left. */
export function explainIssue(db: Database, fingerprint: string): ExplanationAnswer | undefined {
  const [latest] = getIssue(db, fingerprint)?.samples ?? [];
  return latest === undefined ? undefined : explainOne(db, latest, fingerprint);
}

/** The domain `number` of one boot of `host` (id or name) in plain words; undefined where nothing is known of it. */
export function explainDomain(
  db: Database,
  host: string,
  boot: string,
  number: string,
): DomainExplanationAnswer | undefined {
  const found = findDomain(db, host, boot, number, familiesIn(db).ask());
  if (found === undefined) return undefined;
  const { answer, ref } = found;
  const facts = toFacts(answer);
  const context = answer.creator === undefined ? {} : { creator: answer.creator };
  const { data, sampled } = refusedByDomain(db, ref.id);
  const explained = data.map(({ latest, ...count }) => {
    const denial = denialOfRow(db, latest);
    return { count, denial, explanation: explain(denial, context) };
  });
  const name = answer.creator?.executable ?? answer.creator?.name;
  return {
    domain: { host: answer.host, boot: answer.boot, id: answer.id },
    sentence: domainSentence(facts),
    ...(name === undefined ? {} : { creator: shown(name) }),
    refused: explained.map(
      ({ count, denial, explanation: { sentence, causes } }): RefusedThing => ({
        ...count,
        denial: nameOf(denial),
        sentence,
        causes,
      }),
    ),
    sampled,
    meaning: distinctMeanings(explained.flatMap(({ explanation }) => explanation.meaning)),
    unknown: [...new Set([...domainUnknowns(facts), ...explained.flatMap(({ explanation }) => explanation.unknown)])],
  };
}

function explainOne(db: Database, denial: Denial, fingerprint: string | undefined): ExplanationAnswer {
  const detail = fingerprint === undefined ? undefined : getIssue(db, fingerprint);
  const around = refusedAround(db, denial, fingerprint);
  const { host, landlock } = denial;
  const creator = creatorOfDomain(db, host.id, host.boot.id, landlock.domain.id);
  const context: ExplainContext = {
    ...(creator === undefined ? {} : { creator }),
    ...(detail === undefined ? {} : { history: toHistory(db, denial, detail, around) }),
  };
  return {
    ...explain(denial, context),
    denial: nameOf(denial),
    ...(detail === undefined ? {} : { issue: withoutDetail(detail) }),
    other_hosts: (detail?.host_list ?? []).filter(({ id }) => id !== host.id).slice(0, hostsMax),
    ...(around === undefined || denial.process?.pid === undefined
      ? {}
      : {
          around: {
            pid: denial.process.pid,
            seconds: AROUND_SECONDS,
            data: around.data,
            is_sampled: around.isSampled,
          },
        }),
  };
}

function nameOf(denial: Denial): DenialName {
  const { id, name = id } = denial.host;
  return { id: denial.event.id, at: denial['@timestamp'], host: { id, name } };
}

function withoutDetail(detail: IssueDetailAnswer): NonNullable<ExplanationAnswer['issue']> {
  const { host_list, programs, users, sampled, samples, trend, ...issue } = detail;
  return issue;
}

export const FIRST_HOST_SQL = 'SELECT min(first_ms) AS ms FROM hosts';

function toHistory(db: Database, denial: Denial, issue: IssueDetailAnswer, around: Around | undefined): IssueHistory {
  const sinceMs = statement<{ ms: number | null }>(db, FIRST_HOST_SQL).get()?.ms ?? undefined;
  return {
    firstMs: Date.parse(issue.first_seen),
    lastMs: Date.parse(issue.last_seen),
    atMs: Date.parse(denial['@timestamp']),
    denials: issue.denials,
    hosts: issue.hosts,
    isArchived: issue.status === 'archived',
    otherIssues: around?.issues ?? 0,
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

function toFacts(domain: DomainAnswer): DomainFacts {
  const { id, host, status, creator, denials, deallocated_at: endedAt, unlogged_because: because = [] } = domain;
  return {
    id,
    host: host.name,
    status,
    ...(creator === undefined ? {} : { creator }),
    denials,
    ...(endedAt === undefined ? {} : { endedAt }),
    unloggedBecause: because.map(({ text }) => text),
  };
}

function distinctMeanings(meanings: readonly Meaning[]): readonly Meaning[] {
  return [...new Map(meanings.map((meaning) => [meaning.blocker, meaning])).values()];
}
