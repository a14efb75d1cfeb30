// The captures with known truth: what is to be read, and the family that the program which provoked the denials
// built. Most of them lie among the captures of the decoder; those of the hierarchy alone in fixtures/hierarchy.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Document, SandboxDocument } from '../../../src/landlock/document.ts';
import type { Family } from '../../../src/landlock/hierarchy/family.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import { type Observation, toObservation } from '../../../src/landlock/hierarchy/observation.ts';
import { parseTraceLine } from '../../../src/landlock/trace/parse-trace-line.ts';
import { TraceInterpreter } from '../../../src/landlock/trace/trace-interpreter.ts';
import { decodeText, TEST_HOST } from '../../support/decode-text.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const SCENARIOS = `${FIXTURES}captures/scenarios/`;
const OWN = `${FIXTURES}hierarchy/`;

/** What the program made: `id` is null for a domain that no record names. */
interface TrueDomain {
  readonly label: string;
  readonly parent: string | null;
  readonly id: string | null;
}

/** One capture, and what is true of it. */
export interface CapturedFamily {
  readonly name: string;
  readonly domains: readonly TrueDomain[];
  readonly documents: readonly (Document | SandboxDocument)[];
  readonly observations: readonly Observation[];
  readonly families: ReadonlyMap<string, Family>;
}

/** Every capture with known truth, and `traced-tree` once more together with the trace of the same run. */
export function capturedFamilies(): CapturedFamily[] {
  const names = [
    ...readdirSync(SCENARIOS).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [])),
    ...readdirSync(OWN).flatMap((name) => (name.endsWith('.truth.json') ? [name.slice(0, -'.truth.json'.length)] : [])),
  ];
  return [
    ...[...new Set(names)].map((name) => capturedFamily(name)),
    capturedFamily('traced-tree', 'traced-tree-with-tracepoints', tracedDocuments()),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function capturedFamily(capture: string, name = capture, more: readonly SandboxOrDocument[] = []): CapturedFamily {
  const log = existsSync(`${OWN}${capture}.log`) ? `${OWN}${capture}.log` : `${SCENARIOS}${capture}.log`;
  const documents = [...decodeText(readFileSync(log, 'latin1'), { serialGaps: false }).documents, ...more];
  const observations = documents.flatMap((doc) => toObservation(doc) ?? []);
  return { name, domains: truthOf(capture), documents, observations, families: inferParents(observations) };
}

type SandboxOrDocument = Document | SandboxDocument;

function truthOf(capture: string): TrueDomain[] {
  const own = `${OWN}${capture}.truth.json`;
  const parsed = JSON.parse(readFileSync(existsSync(own) ? own : `${SCENARIOS}${capture}.json`, 'utf8'));
  return Array.isArray(parsed) ? parsed : parsed.domains;
}

/** The tracepoints of the run that `traced-tree` has the audit records of. */
function tracedDocuments(): SandboxOrDocument[] {
  // Tracing counts from the boot: 31.907281 is 1795392873.491 in the audit records.
  const interpreter = new TraceInterpreter({ host: TEST_HOST, wallOffsetMs: () => 1_795_392_841_584 });
  return readFileSync(`${FIXTURES}trace/linux-7.3.4.trace`, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const parsed = parseTraceLine(line);
      return parsed === null ? [] : (interpreter.interpret(parsed) ?? []);
    });
}

/** Answers by the program's own names. */
export class TrueFamily {
  readonly #byId: ReadonlyMap<string, TrueDomain>;
  readonly #byLabel: ReadonlyMap<string, TrueDomain>;

  constructor({ domains }: Pick<CapturedFamily, 'domains'>) {
    this.#byId = new Map(domains.flatMap((domain) => (domain.id === null ? [] : [[domain.id, domain]])));
    this.#byLabel = new Map(domains.map((domain) => [domain.label, domain]));
  }

  label(id: string): string {
    return this.#byId.get(id)?.label ?? `unknown ${id}`;
  }

  parentOf(id: string): string | null {
    return this.#byId.get(id)?.parent ?? null;
  }

  isAncestor(ancestor: string, domain: string): boolean {
    let parent = this.#byId.get(domain)?.parent ?? null;
    while (parent !== null) {
      const next: TrueDomain | undefined = this.#byLabel.get(parent);
      if (next?.id === ancestor) return true;
      parent = next?.parent ?? null;
    }
    return false;
  }
}
