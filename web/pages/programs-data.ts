// What the page of programs knows: the list as far as it was asked for.
import type { ProgramAnswer } from '../../src/api/schemas/program.ts';
import type { Page, Parameters } from '../net/api-client.ts';
import { FIRST_ROWS } from '../state/first-question.ts';
import { programParameters } from '../state/request-parameters.ts';
import { ListedData } from './listed-data.ts';

/** On the page. */
export const PROGRAMS_MAX = 2_000;
const NEWS_DELAY_MS = 5_000;

export class ProgramsData extends ListedData<ProgramAnswer> {
  programs: readonly ProgramAnswer[] = [];
  protected readonly path = '/programs';
  protected readonly pageRows = FIRST_ROWS.programs;
  protected readonly rowsMax = PROGRAMS_MAX;

  get rows(): readonly ProgramAnswer[] {
    return this.programs;
  }

  /** Something arrived. Whoever has gone further down the list is not thrown back to its beginning. */
  hear(): void {
    if (this.programs.length <= FIRST_ROWS.programs) {
      this.soon(NEWS_DELAY_MS, () => void this.loadPage(undefined));
    }
  }

  protected parameters(): Parameters {
    return programParameters(this.view);
  }

  protected override forget(): void {
    super.forget();
    this.programs = [];
  }

  /** The first page begins anew: counts change the order, so parts of different times do not fit together. */
  protected take({ data, next_cursor: nextCursor }: Page<ProgramAnswer>, isFirst: boolean): void {
    this.programs = isFirst ? data : [...this.programs, ...data];
    this.nextCursor = nextCursor;
  }
}
