// Trace events to documents. It remembers the rulesets that it saw made, within a bound, so that a domain can be told
// with what it handles; everything else of an event stands for itself. Pure: clock, host and loss are given to it.
import { textOf } from '../../audit/byte-text.ts';
import { stampText } from '../../audit/record-line.ts';
import type {
  Document,
  DomainCreated,
  DomainDeallocated,
  Gap,
  HandledRights,
  HostFields,
  Malformed,
  Tag,
} from '../document.ts';
import { idOfText } from '../event-id.ts';
import { BoundedMap } from '../hierarchy/bounded-map.ts';
import { isTracedDenial, readTracedDenial, type TracedBase } from './trace-denial.ts';
import type { ParsedTrace, TraceEvent, TraceLoss, TraceMalformed } from './trace-event.ts';
import { TraceFields } from './trace-fields.ts';

/** Rulesets that are remembered; the one that changed longest ago is forgotten. */
export const rulesetsMax = 1_024;

export interface TraceOptions {
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
  /** What to add to a time of the trace to get Unix time, ms. Asked for each event, since clocks are corrected. */
  wallOffsetMs(): number;
}

interface Ruleset {
  readonly handled: HandledRights | undefined;
  rules: number;
}

/** What tracepoints become. */
export type TracedDocument = Document | DomainCreated;

/** Events that say nothing which is kept: rulesets that end, and threads that a domain is put on. */
const SILENT = new Set(['landlock_enforce_domain']);

export class TraceInterpreter {
  readonly #options: TraceOptions;
  readonly #rulesets = new BoundedMap<string, Ruleset>(rulesetsMax);
  #lastMs = 0;
  #losses = 0;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** undefined: nothing to keep. */
  interpret(parsed: ParsedTrace): TracedDocument | undefined {
    switch (parsed.kind) {
      case 'trace-lost':
        return this.#gap(parsed);
      case 'malformed':
        return this.#malformed(parsed);
      case 'trace-event':
        return this.#event(parsed);
    }
  }

  #event(event: TraceEvent): TracedDocument | undefined {
    this.#lastMs = Math.floor(event.seconds * 1000 + event.micros / 1000 + this.#options.wallOffsetMs());
    const read = this.#read(event);
    if (typeof read !== 'string') return read;
    const text = `${event.name}: ${event.fields.map(({ name, value }) => `${name}=${value}`).join(' ')}`;
    return this.#malformed({ kind: 'malformed', reason: read, text: text.slice(0, 4096) });
  }

  /** A document, nothing, or why the event is not understood. */
  #read(event: TraceEvent): TracedDocument | string | undefined {
    if (event.name === 'landlock_create_domain') return this.#created(event);
    if (event.name === 'landlock_free_domain') return this.#freed(event);
    if (isTracedDenial(event.name)) return readTracedDenial(event, this.#base(denialKey(event)));
    if (event.name === 'landlock_create_ruleset') return this.#rulesetCreated(event);
    if (event.name.startsWith('landlock_add_rule_')) return this.#ruleAdded(event);
    if (event.name === 'landlock_free_ruleset') {
      this.#rulesets.delete(rulesetOf(new TraceFields(event))?.id ?? '');
      return undefined;
    }
    return SILENT.has(event.name) ? undefined : `a trace event that this version does not know: ${event.name}`;
  }

  #created(event: TraceEvent): DomainCreated | string {
    const fields = new TraceFields(event);
    const id = fields.takeId('domain');
    if (id === undefined) return `${event.name} without a domain`;
    const hasParent = event.fields.some(({ name }) => name === 'parent');
    const parent = fields.takeId('parent');
    if (!hasParent) return `${event.name} without a parent`;
    const ruleset = this.#knownRuleset(rulesetOf(fields));
    const { name, pid, threadId } = event.task;
    const { timestamp, id: eventId, ...place } = this.#base(`${event.name}\0${id}`);
    const unknown = fields.rest();
    return {
      kind: 'domain-created',
      '@timestamp': timestamp,
      event: { id: eventId, provider: 'tracepoint' },
      ...place,
      landlock: {
        domain: {
          id,
          ...(parent !== undefined && { parent: { id: parent } }),
          ...(ruleset !== undefined && { ruleset }),
          creator: {
            ...(pid !== undefined && { pid }),
            thread: { id: threadId },
            ...(name !== undefined && { name: textOf(name) }),
          },
        },
        ...(unknown !== undefined && { unknown_fields: unknown }),
      },
    };
  }

  #freed(event: TraceEvent): DomainDeallocated | string {
    const fields = new TraceFields(event);
    const id = fields.takeId('domain');
    const text = fields.take('denials');
    if (id === undefined || text === undefined || !/^\d{1,20}$/.test(text)) return `${event.name} without its count`;
    const denials = Number.isSafeInteger(Number(text)) ? Number(text) : text;
    const { timestamp, id: eventId, ...place } = this.#base(`${event.name}\0${id}`);
    const unknown = fields.rest();
    return {
      kind: 'domain-deallocated',
      '@timestamp': timestamp,
      event: { id: eventId, sequence: 0, provider: 'tracepoint' },
      ...place,
      landlock: { domain: { id, denials }, ...(unknown !== undefined && { unknown_fields: unknown }) },
    };
  }

  #rulesetCreated(event: TraceEvent): undefined {
    const fields = new TraceFields(event);
    const ruleset = rulesetOf(fields);
    if (ruleset === undefined) return;
    const handled = {
      fs: fields.takeNames('handled_fs'),
      net: fields.takeNames('handled_net'),
      scopes: fields.takeNames('scoped'),
    };
    this.#rulesets.set(ruleset.id, { handled, rules: 0 });
  }

  #ruleAdded(event: TraceEvent): undefined {
    const ruleset = rulesetOf(new TraceFields(event));
    if (ruleset === undefined) return;
    const known = this.#rulesets.get(ruleset.id) ?? { handled: undefined, rules: 0 };
    known.rules++;
    this.#rulesets.set(ruleset.id, known);
  }

  #knownRuleset(named: { readonly id: string; readonly version?: string } | undefined) {
    if (named === undefined) return undefined;
    const known = this.#rulesets.get(named.id);
    if (known?.handled === undefined) return named;
    return { ...named, handled: known.handled, rules: known.rules };
  }

  #base(key: string): TracedBase {
    return this.#baseAt(new Date(this.#lastMs).toISOString(), key);
  }

  #baseAt(timestamp: string, key: string): TracedBase {
    const { host, tags } = this.#options;
    const id = idOfText(`${host.id}\0${host.boot.id}\0tracepoint\0${key}`);
    return { timestamp, id, host, ...(tags !== undefined && { tags }) };
  }

  #malformed({ reason, text }: TraceMalformed): Malformed {
    const { id, host, tags } = this.#baseAt('', `malformed\0${text}`);
    return { kind: 'malformed', event: { id }, host, ...(tags !== undefined && { tags }), reason, text };
  }

  #gap({ cpu, count }: TraceLoss): Gap {
    const { timestamp, id, host, tags } = this.#base(`lost\0${this.#lastMs}\0${cpu}\0${this.#losses++}`);
    const head = { kind: 'gap' as const, '@timestamp': timestamp, event: { id }, host };
    return { ...head, ...(tags !== undefined && { tags }), count, cause: 'trace-lost' };
  }
}

/** `ID.VERSION`. */
function rulesetOf(fields: TraceFields): { id: string; version?: string } | undefined {
  const [, id, version] = /^([0-9a-f]{1,16})(?:\.(\d{1,20}))?$/.exec(fields.take('ruleset') ?? '') ?? [];
  if (id === undefined) return undefined;
  return version === undefined ? { id } : { id, version };
}

/** A CPU can have one event at a time: its time and place, and what it says, are its identity. */
function denialKey(event: TraceEvent): string {
  const { name, seconds, micros, cpu, task, fields } = event;
  const what = fields.map((field) => `${field.name}=${field.value}`).join(' ');
  return `${name}\0${stampText(seconds, 0)}\0${micros}\0${cpu}\0${task.threadId}\0${what}`;
}
