// A day of a busy machine, as observations: domains that are made, refused and ended by processes in families, the way
// build farms and browsers do it. Endless and the same each time; it remembers only what lives.
import type { Observation } from '../src/landlock/hierarchy/observation.ts';

/** Domains alive at a time; a machine with a million a day has some hundreds. */
const ALIVE_MAX = 2_000;
const LAYERS_MAX = 6;
const RIGHTS = ['fs.read_file', 'fs.write_file', 'fs.make_dir', 'fs.execute', 'net.connect_tcp'];

interface Living {
  readonly id: string;
  readonly parent: Living | undefined;
  readonly pid: number;
  readonly parentPid: number;
  readonly depth: number;
  children: number;
}

/** Observations of one domain after the other: an allocation, refusals by it and by its parent, and in time its end. */
export function* dayOfDomains(count: number): Generator<Observation> {
  let serial = 1;
  let pid = 1_000;
  let id = 0x1af495b55;
  let state = 88_172_645;
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const alive: Living[] = [];
  for (let made = 0; made < count; made++) {
    const above = below(3) === 0 ? undefined : alive[below(alive.length || 1)];
    const parent = above !== undefined && above.depth < LAYERS_MAX ? above : undefined;
    id += 1 + below(16);
    pid = pid >= 4_000_000 ? 1_000 : pid + 1;
    const domain: Living = {
      id: id.toString(16),
      parent,
      pid,
      parentPid: parent?.pid ?? 1,
      depth: (parent?.depth ?? 0) + 1,
      children: 0,
    };
    if (parent !== undefined) {
      parent.children += 1;
      yield denial(parent, domain, serial++, below(RIGHTS.length));
    }
    yield denial(domain, domain, serial, below(RIGHTS.length));
    yield {
      kind: 'allocation',
      domain: domain.id,
      record: `a${serial}`,
      serial: serial++,
      creator: { pid, executable: '/usr/bin/job', name: 'job' },
    };
    for (let more = below(3); more > 0; more--) yield denial(domain, domain, serial++, below(RIGHTS.length));
    alive.push(domain);
    while (alive.length > ALIVE_MAX) {
      const at = below(alive.length);
      const ended = alive[at];
      if (ended === undefined || ended.children > 0) continue;
      alive[at] = alive[alive.length - 1] ?? ended;
      alive.pop();
      if (ended.parent !== undefined) ended.parent.children -= 1;
      yield { kind: 'deallocation', domain: ended.id, record: `d${serial}`, serial: serial++ };
    }
  }
}

function denial(by: Living, { pid, parentPid }: Living, serial: number, right: number): Observation {
  return {
    kind: 'denial',
    domain: by.id,
    record: `r${serial}`,
    serial,
    event: `e${serial}`,
    isOwnCheck: true,
    blockers: [RIGHTS[right] ?? ''],
    object: `vda:${serial % 97}:`,
    actor: { pid, parentPid, executable: '/usr/bin/job', name: 'job' },
  };
}
