import { expect, it } from 'vitest';
import { BLOCKER_CLASSES, classesOf, classOfBlocker, classTitle } from '../../../web/state/blocker-class.ts';

it('sorts every known kind of blocker into its class, and unknown ones into other', () => {
  expect(
    ['fs.write_file', 'net.bind_udp', 'scope.signal', 'ptrace', 'namespace.use', 'capability.use'].map(classOfBlocker),
  ).toEqual(['fs', 'net', 'scope', 'ptrace', 'namespace', 'capability']);
  expect(['', 'fsx.read', '__proto__', 'constructor', 'ipc.send'].map(classOfBlocker)).toEqual(
    new Array(5).fill('other'),
  );
});

it('counts a denial once for each class', () => {
  expect(classesOf(['fs.make_reg', 'fs.refer', 'net.connect_tcp'])).toEqual(['fs', 'net']);
  expect(classesOf([])).toEqual([]);
});

it('has a title for each class', () => {
  expect(new Set(BLOCKER_CLASSES.map(classTitle)).size).toBe(BLOCKER_CLASSES.length);
});
