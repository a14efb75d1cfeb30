import { describe, expect, it } from 'vitest';
import { formatTable } from '../../src/cli/table.ts';

const columns = [
  { title: 'NAME', widthMax: 8, value: (row: readonly [string, number]) => row[0] },
  { title: 'N', align: 'right' as const, value: (row: readonly [string, number]) => String(row[1]) },
];

describe('a table', () => {
  it('has columns as wide as their content, also with wide characters', () => {
    const io = { env: {}, isStdoutTty: false };
    expect(
      formatTable(
        columns,
        [
          ['日本', 1],
          ['ab', 1_000],
        ],
        io,
      ),
    ).toBe('NAME     N\n日本     1\nab    1000\n');
  });

  it('escapes its cells', () => {
    const io = { env: {}, isStdoutTty: false };
    expect(formatTable(columns, [['a\u001b[31m\n', 1]], io)).toBe('NAME           N\na\\x1b[31m\\x0a  1\n');
  });

  it('cuts on a terminal only, and styles only where it may', () => {
    const rows = [['abcdefghijkl', 1]] as const;
    const tty = { env: {}, isStdoutTty: true, columns: 9 };
    expect(formatTable(columns, rows, tty)).toBe('\u001b[1mNAME    …\u001b[0m\nabcdefg……\n');
    expect(formatTable(columns, rows, { ...tty, env: { NO_COLOR: '1' } })).not.toContain('\u001b');
    expect(formatTable(columns, rows, { ...tty, isStdoutTty: false })).toContain('abcdefghijkl  1');
  });
});
