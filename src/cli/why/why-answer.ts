// What `trespass why` knows of its subject.
import type { Finding } from '../../collector/doctor/finding.ts';
import type { StoredAnswer } from './ask-stored.ts';
import type { Subject } from './subject.ts';

/** Everything that is said, also with --json. */
export interface WhyAnswer {
  readonly subject: Subject;
  /** What this machine shows of it now; one sentence each. */
  readonly live: readonly string[];
  /** Absent: there is nothing to ask, and `nothing_stored` says why. */
  readonly stored?: StoredAnswer;
  readonly nothing_stored?: string;
  /** Where nothing was found: what could hide it. */
  readonly hidden_by?: readonly Finding[];
}
