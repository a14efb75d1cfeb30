// The row ids of what repeats between denials: blockers, shape, login, sentence, arguments. Documents of the decoder in
// this process share these parts, so the part itself is what is looked up first and its text only when it is new.
import type { Denial } from '../landlock/document.ts';
import { blockersText, filling, fillings, loginText, shapeText } from './denial-columns.ts';
import type { Dictionaries } from './dictionaries.ts';
import { type CompiledTemplate, compileTemplate, fitsTemplate, toTemplate } from './reason-template.ts';
import { SightingCounter } from './sighting-counter.ts';

/** Shared parts that are known; beyond it all are looked up by their text again. */
const sharedMax = 4_096;
/** Shapes of one system call, and sentences of one set of blockers, that are known. */
const variantsMax = 32;
/** So often are arguments stored as they are; seen again after that, they get a row of their own. */
const inlineTimesMax = 4;

type Part = object | string | number | undefined;

interface Variant {
  readonly a: Part;
  readonly b: Part;
  readonly c: Part;
  readonly d: Part;
  readonly id: number;
}

interface Sentence {
  readonly template: CompiledTemplate;
  readonly id: number;
}

/** Arguments as a reference to a row, or as they are; one of the two is null. */
export interface StoredArgs {
  readonly id: number | null;
  readonly text: string | null;
}

export class DenialTexts {
  readonly #texts: Dictionaries;
  readonly #blockers = new Map<object, number>();
  readonly #shapes = new Map<object, Variant[]>();
  readonly #logins = new Map<object, Variant[]>();
  /** By the row of the blockers. */
  readonly #sentences = new Map<number, Sentence[]>();
  readonly #argsSeen = new SightingCounter();

  constructor(texts: Dictionaries) {
    this.#texts = texts;
  }

  /** `isShared`: the document's parts are never changed, and come again as the same objects. */
  blockers(doc: Denial, isShared: boolean): number {
    const names = doc.landlock.blockers;
    const known = isShared ? this.#blockers.get(names) : undefined;
    if (known !== undefined) return known;
    const id = this.#texts.blockers.id(blockersText(doc));
    if (isShared) {
      makeRoom(this.#blockers);
      this.#blockers.set(names, id);
    }
    return id;
  }

  shape(doc: Denial, isShared: boolean): number {
    const { kind, ioctl_command, namespace, capability } = doc.landlock.object;
    const isPlain = ioctl_command === undefined && namespace === undefined && capability === undefined;
    if (!isShared || !isPlain || doc.syscall === undefined) return this.#texts.shapes.id(shapeText(doc));
    const variants = variantsOf(this.#shapes, doc.syscall);
    const { category } = doc.event;
    const certainty = doc.landlock.actor_certainty;
    const device = doc.file?.device;
    const known = findVariant(variants, category, kind, certainty, device);
    if (known !== undefined) return known;
    const id = this.#texts.shapes.id(shapeText(doc));
    addVariant(variants, { a: category, b: kind, c: certainty, d: device, id });
    return id;
  }

  login(doc: Denial, isShared: boolean): number {
    if (!isShared || doc.user === undefined) return this.#texts.logins.id(loginText(doc));
    const variants = variantsOf(this.#logins, doc.user);
    const tty = doc.process?.tty;
    const session = doc.process?.session_id;
    const known = findVariant(variants, doc.group, tty, session, undefined);
    if (known !== undefined) return known;
    const id = this.#texts.logins.id(loginText(doc));
    addVariant(variants, { a: doc.group, b: tty, c: session, d: undefined, id });
    return id;
  }

  /** The row of the sentence's template; undefined where it has none. `blockers` is the row of its blockers. */
  reason(doc: Denial, blockers: number): number | undefined {
    let sentences = this.#sentences.get(blockers);
    if (sentences !== undefined) {
      const fillingOf = (mark: number) => filling(doc, mark);
      for (const { template, id } of sentences) {
        if (fitsTemplate(template, doc.event.reason, fillingOf)) return id;
      }
    }
    const template = toTemplate(doc.event.reason, fillings(doc));
    if (template === undefined) return undefined;
    const id = this.#texts.strings.id(template);
    if (sentences === undefined) {
      sentences = [];
      makeRoom(this.#sentences);
      this.#sentences.set(blockers, sentences);
    }
    if (sentences.length >= variantsMax) sentences.length = 0;
    sentences.push({ template: compileTemplate(template), id });
    return id;
  }

  noReason(): number {
    return this.#texts.strings.id('');
  }

  args(text: string | null): StoredArgs {
    if (text === null) return NO_ARGS;
    if (this.#argsSeen.see(text) > inlineTimesMax) return { id: this.#texts.strings.id(text), text: null };
    return { id: null, text };
  }

  /** After a transaction that was rolled back the ids are nobody's. */
  clear(): void {
    this.#blockers.clear();
    this.#shapes.clear();
    this.#logins.clear();
    this.#sentences.clear();
  }
}

const NO_ARGS: StoredArgs = { id: null, text: null };

function variantsOf(map: Map<object, Variant[]>, part: object): Variant[] {
  let variants = map.get(part);
  if (variants === undefined) {
    variants = [];
    makeRoom(map);
    map.set(part, variants);
  }
  return variants;
}

function findVariant(variants: readonly Variant[], a: Part, b: Part, c: Part, d: Part): number | undefined {
  for (const variant of variants) {
    if (variant.a === a && variant.b === b && variant.c === c && variant.d === d) return variant.id;
  }
  return undefined;
}

function addVariant(variants: Variant[], variant: Variant): void {
  if (variants.length >= variantsMax) variants.length = 0;
  variants.push(variant);
}

function makeRoom<K, V>(map: Map<K, V>): void {
  if (map.size >= sharedMax) map.clear();
}
