// What the documents say of the configuration and the command line is what the program does.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../src/cli/command-table.ts';
import { helpText } from '../src/cli/program.ts';
import { parseConfig } from '../src/runtime/config-file.ts';
import { CONFIG_KEYS, configTable, keyName } from '../src/runtime/config-schema.ts';
import { testIo } from './support/test-io.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

describe('README.md', () => {
  it('has the configuration table that the schema gives', () => {
    const [, table] = /<!-- config:start -->\n([\s\S]*?)\n<!-- config:end -->/.exec(read('README.md')) ?? [];
    expect(table?.trim()).toBe(configTable());
  });

  it('names no command that does not exist', () => {
    const named = [...read('README.md').matchAll(/`trespass ([a-z-]+)/g)].map(([, name]) => name);
    const known = COMMANDS.map(({ name }) => name);
    expect([...new Set(named)].filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });
});

describe('docs/explain-and-suggest.md', () => {
  it('shows what the commands print', async () => {
    const text = read('docs/explain-and-suggest.md');
    const blocks = [...text.matchAll(/```console\n\$ trespass (explain|suggest) ([^\n]*)\n([\s\S]*?)```/g)];
    expect(blocks.length).toBeGreaterThan(2);
    for (const [, name = '', argv = '', shown = ''] of blocks) {
      const command = await COMMANDS.find((entry) => entry.name === name)?.load();
      const words = argv.split(' ').map((word) => (word.startsWith('etc/') ? `${root}${word}` : word));
      const io = testIo({ cwd: root });
      await command?.run(words, io);
      expect(`${io.out()}…\n`).toContain(shown.replace(/…\n$/, ''));
    }
  });
});

describe('etc/trespass.toml', () => {
  const sample = read('etc/trespass.toml');
  const uncommented = sample.replace(/^# ([a-z_]+ = )/gm, '$1');

  it('is sound as it is', () => {
    expect(parseConfig(sample, '/etc/trespass/trespass.toml')).toEqual(new Map());
  });

  it('shows every key and no other', () => {
    const keys = [...parseConfig(uncommented, '/etc/trespass/trespass.toml').keys()];
    expect(keys.sort()).toEqual(CONFIG_KEYS.map(keyName).sort());
  });

  it('shows the defaults of root', () => {
    const tables = new Map(Object.entries(parse(uncommented)));
    for (const key of CONFIG_KEYS) {
      const byDefault = key.default({ hasSystemPaths: true, cwd: '/', hasOwnAccount: true });
      if (byDefault !== undefined) {
        expect(tables.get(key.table), keyName(key)).toHaveProperty(key.key, byDefault);
      }
    }
  });
});

describe('etc', () => {
  it('has units that start commands which exist', () => {
    const units = readdirSync(`${root}etc`).filter((name) => name.endsWith('.service'));
    const commands = units.map((unit) => /^ExecStart=\/usr\/bin\/trespass (\w+)$/m.exec(read(`etc/${unit}`))?.[1]);
    expect(units.length).toBeGreaterThan(0);
    expect(commands.filter((name) => !COMMANDS.some((command) => command.name === name))).toEqual([]);
  });
});

describe('trespass --help', () => {
  it('tells each command in a line that fits a terminal', () => {
    const lines = helpText().split('\n');
    for (const { name, summary } of COMMANDS) {
      expect(
        lines.some((line) => line.includes(name) && line.includes(summary)),
        name,
      ).toBe(true);
    }
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });
});
