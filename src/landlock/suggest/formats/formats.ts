// The formats of a suggestion by name.
import type { Suggestion } from '../suggest.ts';
import { renderC } from './c.ts';
import { renderGo } from './go.ts';
import { renderJson } from './json.ts';
import { renderLandlockconfigJson, renderLandlockconfigToml } from './landlockconfig.ts';
import { renderLandrun } from './landrun.ts';
import type { Rendered } from './rendered.ts';
import { renderRust } from './rust.ts';
import { renderSandboxer } from './sandboxer.ts';
import { renderSetpriv } from './setpriv.ts';
import { renderSystemd } from './systemd.ts';
import { renderText } from './text.ts';

/** In the order in which they are told to people. */
export const FORMAT_NAMES = [
  'text',
  'json',
  'landlockconfig-toml',
  'landlockconfig-json',
  'rust',
  'go',
  'c',
  'sandboxer',
  'landrun',
  'setpriv',
  'systemd',
] as const;
export type SuggestionFormat = (typeof FORMAT_NAMES)[number];

const RENDERERS: Readonly<Record<SuggestionFormat, (suggestion: Suggestion) => Rendered>> = {
  text: renderText,
  json: renderJson,
  'landlockconfig-toml': renderLandlockconfigToml,
  'landlockconfig-json': renderLandlockconfigJson,
  rust: renderRust,
  go: renderGo,
  c: renderC,
  sandboxer: renderSandboxer,
  landrun: renderLandrun,
  setpriv: renderSetpriv,
  systemd: renderSystemd,
};

/** `suggestion` in that format. */
export function render(suggestion: Suggestion, format: SuggestionFormat): Rendered {
  return RENDERERS[format](suggestion);
}
