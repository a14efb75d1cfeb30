import { type Answer, isRefused } from '../../../src/store/refused.ts';

/** What a reader answered to a question that makes sense. */
export function answered<T>(answer: Answer<T>): T {
  if (isRefused(answer)) throw new Error(answer.message);
  return answer;
}
