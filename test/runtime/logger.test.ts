import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { toShortLine } from '../../src/runtime/logger.ts';

it('is one short line for people, whatever a message holds', () => {
  const json = JSON.stringify({ level: 40, time: 0, pid: 1, name: 'server', msg: 'a\nb\u001b[2J', path: '/x', n: 1 });
  expect(toShortLine(json)).toBe('00:00:00 warn  server: a\\x0ab\\x1b[2J path=/x n=1\n');
});

it('has written its last line when the process exits at once', () => {
  const script = `
    import { createLogger } from './src/runtime/logger.ts';
    const log = createLogger({ name: 'server', level: 'info', isForPeople: false });
    for (let i = 0; i < 100; i++) log.info({ i }, 'message');
    process.exit(0);`;
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect([lines.length, lines.at(-1).i, lines.at(-1).name]).toEqual([100, 99, 'server']);
});
