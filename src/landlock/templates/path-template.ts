// A path with what varies taken out, so that the same denial on two hosts, for two users or in two runs is one issue:
// /home/alice/.cache/3f2a91bc/x becomes /home/*/.cache/<hex>/x. Pure and linear in the length of the path, whatever its
// characters are.
import { areAll, HEX, kindAt } from './characters.ts';
import { markOf, type TemplateRule } from './marks.ts';
import { templateOfName } from './name-template.ts';
import { isAccepted, type Place, ROOT } from './places.ts';

/** A template and how it came about. */
export interface PathTemplate {
  /** At most {@link templateLengthMax} characters; its own template. */
  readonly template: string;
  /** The rule of each mark, in their order; `deleted` last, where the kernel's ` (deleted)` was taken off. */
  readonly rules: readonly TemplateRule[];
}

/** Characters of a template. What does not fit is cut at a slash and marked `<rest>`. */
export const templateLengthMax = 1024;

const DELETED = ' (deleted)';
const NO_RULES: readonly TemplateRule[] = [];
const SLASH = 47;
const LESS = 60;
/** Capitals behind small letters from which on a name without digits may be random. */
const turnsMin = 3;
/** Hexadecimal digits from which on a name makes the one or two digits before it a part of the same hash. */
const shardedMin = 16;
/** Directories of one or two digits above a hash. */
const shardsMax = 5;

/** Whether a name that stands nowhere in particular may hold something that varies. Most names do not. */
function isSuspect(path: string, start: number, end: number): boolean {
  let turns = 0;
  let wasSmall = false;
  for (let at = start; at < end; at++) {
    const code = path.charCodeAt(at);
    if (code >= 97 && code <= 122) wasSmall = true;
    else {
      if ((code >= 48 && code <= 57) || code === LESS) return true;
      if (wasSmall && code >= 65 && code <= 90) turns++;
      wasSmall = false;
    }
  }
  return turns >= turnsMin;
}

/** Whether this name of one or two hexadecimal digits is where a store keeps what a long hash begins with. */
function isShard(path: string, start: number, end: number): boolean {
  let [from, to] = [start, end];
  for (let shards = 0; shards < shardsMax; shards++) {
    if (to - from > 2 || to === from || path.charCodeAt(to) !== SLASH || !areAll(path, from, to - from, HEX))
      return false;
    from = to + 1;
    if (areAll(path, from, shardedMin, HEX)) return true;
    to = from;
    while (to - from < 3 && (kindAt(path, to) & HEX) !== 0) to++;
  }
  return false;
}

/** The walk from directory to directory. */
interface Step {
  /** What stands instead of the name; undefined if it stays. */
  readonly text: string | undefined;
  readonly next: Place | undefined;
}

const STAYS: Step = { text: undefined, next: undefined };

function stepInto(place: Place, name: string, rules: TemplateRule[]): Step {
  const child = place.children.get(name);
  if (child !== undefined) return { text: undefined, next: child };
  const next = place.isDeep ? place : undefined;
  const { any } = place;
  if (any?.rule !== undefined && isAccepted(any.rule, name)) {
    rules.push(any.rule);
    return { text: markOf(any.rule), next: any.next };
  }
  return {
    text:
      place.names === 'plain' && !isSuspect(name, 0, name.length)
        ? undefined
        : templateOfName(name, place.names, rules),
    next: any !== undefined && any.rule === undefined ? any.next : next,
  };
}

function stepAnywhere(path: string, start: number, end: number, rules: TemplateRule[]): Step {
  if (end - start <= 2 && isShard(path, start, end)) {
    rules.push('hex');
    return { text: markOf('hex'), next: undefined };
  }
  if (!isSuspect(path, start, end)) return STAYS;
  return { text: templateOfName(path.substring(start, end), 'plain', rules), next: undefined };
}

function cut(template: string): PathTemplate {
  const rest = markOf('rest');
  const slash = template.lastIndexOf('/', templateLengthMax - rest.length - 1);
  return walk(template.slice(0, slash + 1) + rest);
}

function walk(path: string): PathTemplate {
  const rules: TemplateRule[] = [];
  let place: Place | undefined = path.charCodeAt(0) === SLASH ? ROOT : undefined;
  let out = '';
  let copied = 0;
  let start = 0;
  while (start < path.length) {
    if (path.charCodeAt(start) === SLASH) {
      start++;
      continue;
    }
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    const step =
      place === undefined ? stepAnywhere(path, start, end, rules) : stepInto(place, path.substring(start, end), rules);
    if (step.text !== undefined) {
      out += path.slice(copied, start) + step.text;
      copied = end;
    }
    place = step.next;
    start = end + 1;
    // Nothing behind it can stay.
    if (out.length + end - copied > templateLengthMax) break;
  }
  const template = copied === 0 ? path : out + path.slice(copied);
  if (template.length > templateLengthMax) return cut(template);
  return { template, rules: rules.length === 0 ? NO_RULES : rules };
}

/** The template of a path as a record names it. Takes any text. */
export function pathTemplate(path: string): PathTemplate {
  let end = path.length;
  while (end > DELETED.length && path.endsWith(DELETED, end)) end -= DELETED.length;
  if (end === path.length) return walk(path);
  const { template, rules } = walk(path.slice(0, end));
  return { template, rules: [...rules, 'deleted'] };
}

/** The template of a name that is no path: of a process, of an entry, of a socket. Takes any text. */
export function nameTemplate(name: string): PathTemplate {
  const rules: TemplateRule[] = [];
  const template = templateOfName(name, 'plain', rules);
  if (template.length <= templateLengthMax) return { template, rules };
  return { template: markOf('rest'), rules: ['rest'] };
}

const AUTOBIND = /^@[0-9a-f]{5}$/;

/**
 * The template of an abstract socket's name as people write it: `@name`. Many are paths behind the `@`; five hexadecimal
 * digits alone are a name that the kernel made up (unix(7), autobind).
 */
export function socketTemplate(name: string): PathTemplate {
  if (AUTOBIND.test(name)) return { template: `@${markOf('id')}`, rules: ['id'] };
  if (!name.startsWith('@/')) return nameTemplate(name);
  const { template, rules } = pathTemplate(name.slice(1));
  return { template: `@${template}`, rules };
}
