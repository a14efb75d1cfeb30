// Suggests rules for what is stored. A reader, and so off the server's main thread: many denials make much to compare.
import { render, type SuggestionFormat } from '../../landlock/suggest/formats/formats.ts';
import { toWireSuggestion, type WireSuggestion } from '../../landlock/suggest/formats/json.ts';
import { type SuggestOptions, suggest } from '../../landlock/suggest/suggest.ts';
import type { Database } from '../database/open.ts';
import { type SelectedRequest, selectDenials } from '../denials/selected-denials.ts';
import { type Answer, isRefused } from '../refused.ts';

export interface SuggestRequest extends SelectedRequest, SuggestOptions {
  readonly format: SuggestionFormat;
}

export interface SuggestAnswer {
  readonly suggestion: WireSuggestion;
  readonly format: SuggestionFormat;
  /** The rules in that format. */
  readonly text: string;
  /** What that format cannot express, or says too much. */
  readonly cannot: readonly string[];
  /** There are more denials; the latest were looked at. */
  readonly is_cut: boolean;
}

/** The least rules that would have let the selected denials pass. */
export function suggestRules(db: Database, request: SuggestRequest): Answer<SuggestAnswer> {
  const selected = selectDenials(db, request);
  if (isRefused(selected)) return selected;
  const { format } = request;
  const suggestion = suggest(selected.denials, request);
  return {
    suggestion: toWireSuggestion(suggestion),
    format,
    ...render(suggestion, format),
    is_cut: selected.is_cut,
  };
}
