// Tools that know only to read or to read and write (the kernel's sandboxer, landrun): which of their bundles a rule
// takes, and what it gives besides.
import type { BytePath } from '../byte-path.ts';
import type { Right } from '../rights.ts';
import { RIGHTS } from '../rights.ts';
import type { PathRule } from '../rules.ts';
import { placeText, ruleText } from '../tiers.ts';

/** Rights that a tool gives together. */
export interface Bundle {
  /** Its option or variable. */
  readonly name: string;
  readonly rights: readonly Right[];
}

/** The rights with these names: `read_file`. */
export function rightsNamed(shorts: readonly string[]): readonly Right[] {
  return RIGHTS.filter(({ short }) => shorts.includes(short));
}

export interface Bundled {
  readonly name: string;
  readonly path: BytePath;
}

/** The first of `bundles` (the least first) that has all rights of each rule. */
export function intoBundles(
  rules: readonly PathRule[],
  bundles: readonly Bundle[],
  faultOf: (path: BytePath) => string | undefined,
): { readonly bundled: readonly Bundled[]; readonly cannot: readonly string[] } {
  const bundled: Bundled[] = [];
  const cannot: string[] = [];
  for (const rule of rules) {
    const bundle = bundles.find(({ rights }) => rule.rights.every((right) => rights.includes(right)));
    const fault = bundle === undefined ? 'it has no setting for that' : faultOf(rule.path);
    if (bundle === undefined || fault !== undefined) {
      cannot.push(`${ruleText(rule)}: ${fault}`);
      continue;
    }
    bundled.push({ name: bundle.name, path: rule.path });
    const more = bundle.rights.filter((right) => !rule.rights.includes(right) && (rule.isDirectory || right.onFiles));
    if (more.length > 0)
      cannot.push(
        `${bundle.name} gives ${placeText(rule.path, rule.isDirectory)} more than was asked for: ${more.map(({ name }) => name).join(', ')}`,
      );
  }
  return { bundled, cannot };
}
