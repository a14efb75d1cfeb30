// What is answered when somebody asks for an explanation, in the shape that REST serves (see answers.ts).
import type { Cause } from '../../landlock/explain/cause.ts';
import type { Explanation } from '../../landlock/explain/explain.ts';
import type { Meaning } from '../../landlock/explain/meanings.ts';
import type { IssueAnswer, IssueDetailAnswer } from '../issues/issue-answers.ts';

/** A denial, by what names it. */
export interface DenialName {
  readonly id: string;
  readonly at: string;
  readonly host: { readonly id: string; readonly name: string };
}

/** How often something of one kind was refused. */
export interface IssueCount {
  readonly issue: string;
  readonly title: string;
  readonly denials: number;
}

/** One denial in plain words, with its neighbours. That of an issue explains its latest denial. */
export interface ExplanationAnswer extends Explanation {
  readonly denial: DenialName;
  /** The issue that it belongs to: since when, how often. */
  readonly issue?: IssueAnswer;
  /** Where else the same issue was seen: those with most denials. */
  readonly other_hosts: IssueDetailAnswer['host_list'];
  /** What else the same process was refused shortly before and after. */
  readonly around?: {
    readonly pid: number;
    readonly seconds: number;
    readonly data: readonly IssueCount[];
    /** Whether only the nearest denials were looked at, because there are too many. */
    readonly is_sampled: boolean;
  };
}

/** One kind of thing that a domain refused, by the latest of its denials. */
export interface RefusedThing extends IssueCount {
  readonly denial: DenialName;
  readonly sentence: string;
  readonly causes: readonly Cause[];
}

/** A domain in plain words. */
export interface DomainExplanationAnswer {
  readonly domain: {
    readonly host: { readonly id: string; readonly name: string };
    readonly boot: string;
    readonly id: string;
  };
  readonly sentence: string;
  readonly creator?: string;
  /** The most frequent first. */
  readonly refused: readonly RefusedThing[];
  /** How many of the latest denials `refused` counts. */
  readonly sampled: number;
  /** One for each blocker in `refused`. */
  readonly meaning: readonly Meaning[];
  readonly unknown: readonly string[];
}
