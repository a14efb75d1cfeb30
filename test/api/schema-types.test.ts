import { expect, it } from 'vitest';
import type * as wireBoot from '../../src/api/schemas/boot.ts';
import type { BatchAnswerAnswer, HeartbeatAnswer } from '../../src/api/schemas/delivery.ts';
import type * as wire from '../../src/api/schemas/document.ts';
import type * as wireDomain from '../../src/api/schemas/domain.ts';
import type * as wireExplanation from '../../src/api/schemas/explanation.ts';
import type * as wireFleet from '../../src/api/schemas/fleet-metrics.ts';
import type * as wireHost from '../../src/api/schemas/host.ts';
import type * as wireProgram from '../../src/api/schemas/program.ts';
import type * as wireStats from '../../src/api/schemas/stats.ts';
import type * as wireStatus from '../../src/api/schemas/status.ts';
import type * as wireSuggestion from '../../src/api/schemas/suggestion.ts';
import type * as wireUser from '../../src/api/schemas/user.ts';
import type { BatchAnswer, Heartbeat } from '../../src/delivery/batch.ts';
import type * as landlock from '../../src/landlock/document.ts';
import type * as store from '../../src/store/answers.ts';
import type { Heatmap } from '../../src/store/counts/heatmap.ts';
import type { UserAnswer } from '../../src/store/counts/users.ts';
import type { DomainExplanationAnswer, ExplanationAnswer } from '../../src/store/explaining/explanation-answers.ts';
import type { SuggestAnswer } from '../../src/store/explaining/suggestions.ts';
import type { BootAnswer } from '../../src/store/families/boots.ts';
import type { FleetMetrics } from '../../src/store/fleets/fleet-metrics.ts';

/** Without readonly and with intersections melted, so that only what can be read counts. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

/** True where both are the very same type, optional fields included. */
type Same<A, B> = (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? true : false;

it('has schemas with the very types of the decoder, the store and the delivery protocol', () => {
  // Each line is a compile error as soon as one side changes alone.
  const same: readonly true[] = [
    true satisfies Same<wire.Denial, landlock.Denial>,
    true satisfies Same<wire.DomainAllocated, landlock.DomainAllocated>,
    true satisfies Same<wire.DomainDeallocated, landlock.DomainDeallocated>,
    true satisfies Same<wire.DomainCreated, landlock.DomainCreated>,
    true satisfies Same<wire.SandboxCall, landlock.SandboxCall>,
    true satisfies Same<wireDomain.DomainAnswer, store.DomainAnswer>,
    true satisfies Same<wireProgram.ProgramAnswer, store.ProgramAnswer>,
    true satisfies Same<wireHost.HostAnswer, store.HostAnswer>,
    true satisfies Same<wireHost.FleetAnswer, store.FleetAnswer>,
    true satisfies Same<wireStats.Summary, store.Summary>,
    true satisfies Same<wireStats.TimeSeries, store.TimeSeries>,
    true satisfies Same<wireStats.Top, store.TopAnswer>,
    true satisfies Same<wireStats.Values, store.ValuesAnswer>,
    true satisfies Same<wireStatus.StoreFacts, store.StoreFacts>,
    true satisfies Same<wireSuggestion.SuggestionAnswer, SuggestAnswer>,
    true satisfies Same<wireExplanation.Explanation, ExplanationAnswer>,
    true satisfies Same<wireExplanation.DomainExplanation, DomainExplanationAnswer>,
    true satisfies Same<wireBoot.BootAnswer, BootAnswer>,
    true satisfies Same<wireFleet.FleetMetrics, FleetMetrics>,
    true satisfies Same<wireStats.Heatmap, Heatmap>,
    true satisfies Same<wireUser.UserAnswer, UserAnswer>,
    true satisfies Same<HeartbeatAnswer, Heartbeat>,
    true satisfies Same<BatchAnswerAnswer, BatchAnswer>,
  ];
  expect(same.every((one) => one)).toBe(true);
});
