// What of a run of spooled lines leaves at the level of privacy of the moment, whatever the level was when they were
// written: as they are, reduced, or withheld, which is a line that says no more than its number.

import type { PrivacyLevel } from '../../delivery/agent-config.ts';
import type { BatchLine } from '../../delivery/batch.ts';
import { type BatchLines, encodeLine, encodeWithheld } from '../../delivery/encode-batch.ts';
import { reduceDocument } from '../../landlock/privacy/reduce-document.ts';
import type { IsPackaged } from '../../landlock/privacy/reduce-path.ts';
import type { SpoolLevels } from '../spool/spool-levels.ts';

export interface OutgoingRules {
  readonly level: PrivacyLevel;
  readonly levels: SpoolLevels;
  readonly isPackaged: IsPackaged;
  /** Documents up to here are counted: they are withheld, whatever the level is now. */
  readonly settledSeq: number;
}

type Run = Pick<BatchLines, 'firstSeq' | 'lastSeq' | 'body'>;

export function toOutgoing<Lines extends Run>(lines: Lines, rules: OutgoingRules): Lines {
  const { level, levels, settledSeq } = rules;
  if (lines.firstSeq > settledSeq && levels.isWithin(lines.firstSeq, lines.lastSeq, level)) return lines;
  const body = readLines(lines.body)
    .map(([text, line]) => outgoingLine(text, line, rules))
    .join('');
  return { ...lines, body: Buffer.from(body) };
}

/** Documents that have to be counted before they are withheld, with whether they were reduced when they were written. */
export function unsettledOf(lines: Run, { level, levels, settledSeq }: Omit<OutgoingRules, 'isPackaged'>) {
  if (level !== 'aggregate' || lines.lastSeq <= settledSeq) return [];
  if (levels.isWithin(lines.firstSeq, lines.lastSeq, level)) return [];
  return readLines(lines.body).flatMap(([, { seq, doc }]) =>
    seq <= settledSeq || doc.kind === 'aggregate' ? [] : [{ seq, doc, isReduced: levels.of(seq) !== 'full' }],
  );
}

function outgoingLine(text: string, { seq, doc }: BatchLine, rules: OutgoingRules): string {
  if (doc.kind === 'aggregate') return text;
  if (rules.level === 'aggregate' || seq <= rules.settledSeq) return encodeWithheld(seq);
  if (rules.level === 'full' || rules.levels.of(seq) !== 'full') return text;
  return encodeLine(seq, reduceDocument(doc, rules.isPackaged), undefined);
}

/** Our own lines: encodeLine made them, and the frame that they come in has a checksum. */
function readLines(body: Buffer): readonly (readonly [text: string, line: BatchLine])[] {
  const texts = body.toString('utf8').split('\n').slice(0, -1);
  return texts.map((text) => [`${text}\n`, JSON.parse(text)]);
}
