// Tables whose cells are each about so many hosts at least, however they are added up and taken from each other: what is
// about fewer goes into one row with others, until neither it nor a difference of what is shown is about fewer. Pure.

export interface Cell {
  readonly value: string;
  readonly denials: number;
  readonly hosts: ReadonlySet<number>;
}

/** A table as it may be shown. */
export interface SafeTable {
  readonly shown: readonly Cell[];
  /** What is told together; undefined where there is nothing of the kind, or too little to be told at all. */
  readonly other: Cell | undefined;
}

export const OTHER = '(other)';

/** One table by itself: its cells may share hosts. */
export function suppress(cells: readonly Cell[], hostsMin: number): SafeTable {
  return complete(
    cells.filter(({ hosts }) => hosts.size >= hostsMin),
    cells.filter(({ hosts }) => hosts.size < hostsMin),
    hostsMin,
  );
}

/**
 * Tables that each divide the same hosts in another way: no cell of the one, less cells of another that lie within it, is
 * about too few.
 */
export function suppressDivisions(tables: readonly (readonly Cell[])[], hostsMin: number): readonly SafeTable[] {
  let safe = tables.map((cells) => suppress(cells, hostsMin));
  for (;;) {
    const revealing = findRevealing(safe, hostsMin);
    if (revealing === undefined) return safe;
    const { table, cell } = revealing;
    safe = safe.map((one, at) => {
      if (at !== table) return one;
      const cells = tables[at] ?? [];
      const isShown = ({ value }: Cell) => value !== cell.value && one.shown.some((shown) => shown.value === value);
      return complete(
        cells.filter(isShown),
        cells.filter((other) => !isShown(other)),
        hostsMin,
      );
    });
  }
}

/** Hides more, the smallest first, until what is hidden is several cells and about enough hosts. */
export function complete(visible: readonly Cell[], few: readonly Cell[], hostsMin: number): SafeTable {
  const shown = [...visible].sort((a, b) => a.hosts.size - b.hosts.size || (a.value < b.value ? -1 : 1));
  const hidden = [...few];
  if (hidden.length === 0) return { shown, other: undefined };
  while (shown.length > 0 && (hidden.length < 2 || hostsOf(hidden).size < hostsMin)) hidden.push(...shown.splice(0, 1));
  const hosts = hostsOf(hidden);
  if (hosts.size < hostsMin) return { shown: [], other: undefined };
  const denials = hidden.reduce((sum, cell) => sum + cell.denials, 0);
  return { shown, other: { value: OTHER, denials, hosts } };
}

/** A shown cell that has to be hidden: with the others of its table it leaves too little of a cell of another one. */
function findRevealing(tables: readonly SafeTable[], hostsMin: number) {
  for (const [of, { shown: wholes, other }] of tables.entries()) {
    for (const whole of other === undefined ? wholes : [...wholes, other]) {
      for (const [table, { shown }] of tables.entries()) {
        if (table === of) continue;
        const within = shown.filter(({ hosts }) => isWithin(hosts, whole.hosts));
        const rest = whole.hosts.size - hostsOf(within).size;
        const [smallest] = within;
        if (smallest !== undefined && rest > 0 && rest < hostsMin) return { table, cell: smallest };
      }
    }
  }
  return undefined;
}

function isWithin(part: ReadonlySet<number>, whole: ReadonlySet<number>): boolean {
  if (part.size > whole.size) return false;
  for (const host of part) if (!whole.has(host)) return false;
  return true;
}

function hostsOf(cells: readonly Cell[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (const { hosts } of cells) for (const host of hosts) all.add(host);
  return all;
}
