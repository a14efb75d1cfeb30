// The row ids of what repeats between denials: blockers, shape, actor, sentence, arguments. Documents of the decoder in
// this process share these parts, so the part itself is what is looked up first and its text only when it is new.
import type { Denial } from '../../landlock/document.ts';
import { isRecord } from '../columns/check-shape.ts';
import { blockersText, filling, fillings, type ObjectForm, shapeText } from '../columns/denial-columns.ts';
import { loginIds, loginText } from '../columns/login-columns.ts';
import { type CompiledTemplate, compileTemplate, fitsTemplate, toTemplate } from '../columns/reason-template.ts';
import type { Dictionaries } from '../interning/dictionaries.ts';
import { SightingCounter, sightingOf } from './sighting-counter.ts';

/** Shared parts that are known; beyond it all are looked up by their text again. */
const sharedMax = 4_096;
/** Shapes of one system call, and sentences of one set of blockers, that are known. */
const variantsMax = 32;
/** So often are arguments stored as they are; seen again after that, they get a row of their own. */
const inlineTimesMax = 4;

interface ShapeVariant {
  readonly category: readonly string[];
  readonly kind: string;
  readonly certainty: string;
  readonly device: string | undefined;
  readonly blockers: number;
  readonly reason: number;
  readonly form: ObjectForm;
  readonly id: number;
}

interface ActorVariant {
  readonly user: Denial['user'];
  readonly group: Denial['group'];
  readonly tty: string | undefined;
  readonly session: number | undefined;
  readonly comm: string | null;
  readonly package: Denial['package'];
  readonly systemd: Denial['systemd'];
  readonly container: Denial['container'];
  readonly attribution: Denial['landlock']['attribution'];
  readonly actor: StoredActor;
}

/** The rows of an actor and of its program, and its user. */
export interface StoredActor {
  readonly id: number;
  readonly program: number | null;
  readonly uid: number | null;
}

/** Arguments that may come again. */
export interface KnownArgs {
  readonly text: string;
  readonly sighting: number;
  /** Of strings, once they have one. */
  row: bigint | undefined;
}

export function newArgs(text: string): KnownArgs {
  return { text, sighting: sightingOf(text), row: undefined };
}

interface Sentence {
  readonly template: CompiledTemplate;
  readonly id: number;
}

export class DenialTexts {
  readonly #texts: Dictionaries;
  readonly #blockers = new Map<object, number>();
  readonly #shapes = new Map<object, ShapeVariant[]>();
  /** By program. */
  readonly #actors = new Map<string | null, ActorVariant[]>();
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

  /** `blockers` and `reason` are the rows of those. */
  shape(doc: Denial, form: ObjectForm, blockers: number, reason: number, isShared: boolean): number {
    const { kind, ioctl_command, namespace, capability } = doc.landlock.object;
    const isPlain = ioctl_command === undefined && namespace === undefined && capability === undefined;
    if (!isShared || !isPlain || doc.syscall === undefined) {
      return this.#texts.shape({ blockers, kind, form, reason, value: shapeText(doc) });
    }
    const variants = variantsOf(this.#shapes, doc.syscall);
    const { category } = doc.event;
    const certainty = doc.landlock.actor_certainty;
    const device = doc.file?.device;
    for (const known of variants) {
      if (known.blockers !== blockers || known.reason !== reason || known.form !== form || known.kind !== kind)
        continue;
      if (known.category === category && known.certainty === certainty && known.device === device) return known.id;
    }
    const id = this.#texts.shape({ blockers, kind, form, reason, value: shapeText(doc) });
    addVariant(variants, { category, kind, certainty, device, blockers, reason, form, id });
    return id;
  }

  /** `program` and `comm` as they are stored. */
  actor(doc: Denial, program: string | null, comm: string | null): StoredActor {
    const variants = variantsOf(this.#actors, program);
    const tty = doc.process?.tty;
    const session = doc.process?.session_id;
    const { user, group, package: owner, systemd, container } = doc;
    const { attribution } = doc.landlock;
    for (const known of variants) {
      if (known.comm !== comm || known.tty !== tty || known.session !== session) continue;
      if (known.attribution !== attribution || !isSame(known.package, owner) || !isSame(known.systemd, systemd))
        continue;
      if (isSame(known.container, container) && isSame(known.user, user) && isSame(known.group, group))
        return known.actor;
    }
    const actor = this.#newActor(doc, program, comm);
    addVariant(variants, { user, group, tty, session, comm, package: owner, systemd, container, attribution, actor });
    return actor;
  }

  #newActor(doc: Denial, programText: string | null, comm: string | null): StoredActor {
    const { strings } = this.#texts;
    const program = strings.idOrNull(programText);
    const login = loginText(doc);
    const id = this.#texts.actor({ program: program ?? 0, comm: strings.idOrNull(comm) ?? 0, login });
    return { id, program, uid: loginIds(login).uid };
  }

  /** The template that `reason` gave the row of. */
  template(blockers: number, reason: number): CompiledTemplate | undefined {
    return this.#sentences.get(blockers)?.find(({ id }) => id === reason)?.template;
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

  /**
   * Arguments (as denial-columns.ts writes them) as they are, or the row of strings where they come often: as a bigint,
   * since a column of any type would keep a number as a real one.
   */
  args(text: string | null): string | bigint | null {
    return text === null ? null : this.knownArgs(newArgs(text));
  }

  /** The same for arguments that the caller keeps at hand. */
  knownArgs(args: KnownArgs): string | bigint {
    if (this.#argsSeen.see(args.sighting) <= inlineTimesMax) return args.text;
    args.row ??= BigInt(this.#texts.strings.id(args.text));
    return args.row;
  }

  /** After a transaction that was rolled back the ids are nobody's. */
  clear(): void {
    this.#blockers.clear();
    this.#shapes.clear();
    this.#actors.clear();
    this.#sentences.clear();
  }
}

/** Whether both have the same members, to the last. */
function isSame(a: object | undefined, b: object | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  let members = 0;
  for (const key in a) {
    members += 1;
    const [mine, others] = [a[key as keyof typeof a] as unknown, b[key as keyof typeof b] as unknown];
    if (mine === others) continue;
    if (!isRecord(mine) || !isRecord(others) || !isSame(mine, others)) return false;
  }
  for (const _ in b) members -= 1;
  return members === 0;
}

function variantsOf<K, V>(map: Map<K, V[]>, part: K): V[] {
  let variants = map.get(part);
  if (variants === undefined) {
    variants = [];
    makeRoom(map);
    map.set(part, variants);
  }
  return variants;
}

function addVariant<V>(variants: V[], variant: V): void {
  if (variants.length >= variantsMax) variants.length = 0;
  variants.push(variant);
}

function makeRoom<K, V>(map: Map<K, V>): void {
  if (map.size >= sharedMax) map.clear();
}
