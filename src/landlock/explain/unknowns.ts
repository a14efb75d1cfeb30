// What the records of a denial do not say, each as a sentence: an explanation that kept it to itself would be believed
// too much.
import { findBlocker } from '../blockers.ts';
import type { Denial } from '../document.ts';
import { shown } from '../phrase.ts';

function actorUnknowns({ landlock }: Denial): readonly string[] {
  switch (landlock.actor_certainty) {
    case 'certain':
      return [];
    case 'may_be_outside':
      return [
        'Whether the process that is named is in the sandbox: the kernel may have asked for another task, such as the one that opened the file.',
      ];
    case 'absent':
      return [
        'Which process it was: no SYSCALL record came with the denial. Tasks that began before audit was enabled have none, nor have those that an audit rule (never,task; never,exit) leaves out.',
      ];
  }
}

function objectUnknowns({ landlock, file, source, destination }: Denial): readonly string[] {
  const { blockers, object } = landlock;
  const unknown: string[] = [];
  const names = object.entries?.map(({ name }) => name).filter((name) => name !== undefined) ?? [];
  if (blockers.some((blocker) => findBlocker(blocker)?.inDirectory === true)) {
    unknown.push(
      names.length === 0
        ? 'The name of the file itself: the record names the directory in which it was to happen.'
        : `Which of the names in the PATH records was refused: ${names.map((name) => shown(name)).join(', ')}.`,
    );
  }
  if (file?.path !== undefined)
    unknown.push(
      'Where the path lies outside a chroot or mount namespace of the process: it is told as the process sees it.',
    );
  if (file?.path === undefined && file?.name !== undefined)
    unknown.push('The whole path: the record holds the last name only.');
  if (file === undefined && blockers[0]?.startsWith('fs.') === true)
    unknown.push('Which file it was: the record names none.');
  if (object.ioctl_command !== undefined)
    unknown.push('The upper 16 bits of the ioctl command: the record has the lower ones only.');
  const end = blockers[0]?.startsWith('net.bind_') === true ? source : destination;
  if (blockers[0]?.startsWith('net.') === true && (end?.ip === undefined || end.port === undefined)) {
    unknown.push(
      'Whether an address or port that is missing was zero or not given at all: the kernel leaves out both.',
    );
  }
  return unknown;
}

/** What cannot be known from this denial and the records beside it. */
export function unknownsOf(denial: Denial, hasCreator: boolean): readonly string[] {
  const { blockers, unknown_fields: fields } = denial.landlock;
  const unknown = [...actorUnknowns(denial), ...objectUnknowns(denial)];
  if (!hasCreator) unknown.push('Who set up the sandbox: the record about the domain was not seen.');
  unknown.push('What the policy allows: the kernel does not log rules.');
  if (blockers[0] !== 'ptrace') {
    unknown.push(
      'Whether an outer sandbox would refuse it too: only the innermost one that refuses is named, with the rights missing there.',
    );
  }
  if (fields !== undefined)
    unknown.push(
      `What these fields mean: ${fields.map(({ name, value }) => shown(name === '' ? value : name)).join(', ')}.`,
    );
  return unknown;
}
