// One plain sentence for an issue: "program-70 is refused to bind a TCP socket to port 1397".
import { readBlockers } from './blocker-set.ts';
import { namespaceName } from './capabilities.ts';
import type { IssueParts } from './fingerprint.ts';
import { PARENT, shown } from './phrase.ts';

/** Of an object that nothing names. */
export const UNNAMED = 'something that the record does not name';

function programText({ program, programClass }: IssueParts): string {
  if (programClass === 'none') return 'A program that the records do not name';
  const name = programClass === 'executable' ? program.slice(program.lastIndexOf('/') + 1) : program;
  return shown(name === '' ? program : name);
}

function namespaceText(key: string, detail: string): string {
  const name = namespaceName(key) ?? (key === '' ? '' : `type ${shown(key)}`);
  const kind = name === '' ? 'namespace' : `${name} namespace`;
  return detail === 'new' ? `a new ${kind}` : `a ${kind} that is there`;
}

function objectText({ objectClass, objectKey, objectDetail }: IssueParts): string {
  const key = shown(objectKey);
  switch (objectClass) {
    case 'path':
    case 'entry': {
      const what = objectClass === 'path' ? key : `the entry named ${key}`;
      return objectDetail === '' ? what : `${what} (command ${shown(objectDetail)})`;
    }
    case 'abstract-socket':
      return key === '' ? 'of another domain' : key;
    case 'local-port':
      return key === '' ? 'any port' : `port ${key}`;
    case 'remote-port':
      return key === '' ? 'a port that the record does not name' : `port ${key}`;
    case 'process':
      return key === '' ? 'another process' : `a process named ${key}`;
    case 'namespace':
      return namespaceText(objectKey, objectDetail);
    case 'capability':
      return key === '' ? 'a capability that the record does not name' : key;
    case 'none':
      return UNNAMED;
  }
}

/** The sentence, without a full stop. Characters of records that do not show are written as `\u{a}`. */
export function issueTitle(issue: IssueParts): string {
  const text = issue.blockers.join(',');
  const { before, after } = readBlockers(text, 0, text.length).phrase;
  return `${programText(issue)} is refused to ${before}${objectText(issue)}${after.replace(PARENT, '')}`;
}
