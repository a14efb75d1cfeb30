// Why something in the file system is refused: what the path tells.

import { shown } from '../phrase.ts';
import { secretReason } from '../suggest/sensitive-paths.ts';
import { pathTemplate } from '../templates/path-template.ts';
import { type Cause, cause } from './cause.ts';

/** What is known about a refused path. */
export interface PathQuestion {
  readonly path: string;
  readonly blockers: readonly string[];
  /** The program that set up the sandbox, for people. */
  readonly creator: string;
  readonly ioctl: string | undefined;
  readonly directory: string | undefined;
}

/** What programs and their libraries look at and do without. */
const PROBED = [
  '/proc/',
  '/sys/',
  '/etc/ld.so.',
  '/run/nscd/',
  '/var/run/nscd/',
  '/etc/localtime',
  '/etc/nsswitch.conf',
];

/** TCGETS: what isatty() asks. */
const TCGETS = '0x5401';

function isBelow(path: string, directory: string): boolean {
  if (directory === '/') return false;
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

const TEMPORARY = ['/tmp', '/var/tmp', '/dev/shm'];

/** Who only reads there, or connects, makes no temporary files; who writes to one may have made it. */
function temporaryCause({ path, blockers }: PathQuestion): Cause | undefined {
  if (!TEMPORARY.some((top) => isBelow(path, top))) return undefined;
  const isMaking = blockers.some((blocker) => blocker.startsWith('fs.make_'));
  if (!isMaking && !blockers.some((blocker) => /^fs\.(write_file|truncate|remove_)/.test(blocker))) return undefined;
  const remedy = 'allow a directory of its own and name it in TMPDIR, rather than all of /tmp';
  const because = 'the policy gives it no place for them';
  return cause(isMaking ? 'likely' : 'possible', 'the program makes temporary files', because, remedy);
}

function wants(blockers: readonly string[]): string {
  return blockers.map((blocker) => shown(blocker)).join(' and ');
}

function secretCause(path: string): Cause {
  return cause(
    'possible',
    'nobody asked the program to touch this',
    'the program, or something that it runs, tries to reach secrets or another process, and the sandbox does its work',
    `do not allow it; look at what else the same process was refused, and keep ${path} out of the rules`,
  );
}

function forgotten(question: PathQuestion, path: string, sure: Cause['sure']): Cause {
  return cause(
    sure,
    'the program does not work as it should without it',
    'the policy has no rule for this path, or one with too few rights',
    `give ${question.creator} a rule with ${wants(question.blockers)} for ${path}, or for the directory that the program needs`,
  );
}

/** Where programs and their libraries lie: a sandbox without them starts nothing. */
const SYSTEM = ['/usr', '/lib', '/lib64', '/bin', '/sbin', '/nix/store', '/gnu/store'];

function launcherCause({ creator, path, blockers }: PathQuestion): Cause | undefined {
  const top = SYSTEM.find((directory) => isBelow(path, directory));
  if (top === undefined || !blockers.every((name) => STARTING.has(name))) return undefined;
  return cause(
    'likely',
    'the program does not start, or says that a library is missing',
    'the sandbox was set up without the directories that every program needs',
    `give ${creator} ${top} to read and to execute, as its flags or its configuration have it`,
  );
}

const STARTING: ReadonlySet<string> = new Set(['fs.execute', 'fs.read_file', 'fs.read_dir']);

function versionCause(template: string): Cause {
  return cause(
    'possible',
    'it began with an update',
    'the path holds a version, and the policy names the old one',
    `let the rule name the directory above the version: ${template.slice(0, template.search(/\/[^/]*<(version|release|revision|hash)>/)) || '/'}`,
  );
}

/** Likely causes for a path. */
export function pathCauses(question: PathQuestion): readonly Cause[] {
  const path = shown(question.path);
  const { template, rules } = pathTemplate(question.path);
  const causes: Cause[] = [];
  const isSecret = secretReason(question.path) !== undefined;
  const isProbe = question.ioctl === TCGETS || PROBED.some((start) => question.path.startsWith(start));
  if (isSecret) causes.push(secretCause(path));
  if (isProbe) {
    const remedy = 'leave it as it is; from Linux 7.2 on a quiet rule keeps it out of the log';
    causes.push(cause('likely', 'the program works all the same', 'it only looked whether this is there', remedy));
  }
  if (question.directory !== undefined && isBelow(question.path, question.directory)) {
    const remedy = `give ${question.creator} the directory ${shown(question.directory)} as one that the program may use`;
    causes.push(
      cause(
        'likely',
        'the program is meant to work on its own directory',
        'the sandbox was started without it',
        remedy,
      ),
    );
  }
  const temporary = temporaryCause(question);
  if (temporary !== undefined) causes.push(temporary);
  if (rules.some((rule) => rule === 'version' || rule === 'release' || rule === 'revision' || rule === 'hash')) {
    causes.push(versionCause(template));
  }
  if (question.blockers.includes('fs.refer')) {
    const remedy = 'allow fs.refer on both directories, together with the rights to create and remove';
    causes.push(
      cause('possible', 'the program moves or links between directories', 'one of the two has no fs.refer', remedy),
    );
  }
  const launcher = launcherCause(question);
  if (launcher !== undefined) causes.push(launcher);
  causes.push(forgotten(question, path, isProbe || isSecret ? 'possible' : 'likely'));
  return causes;
}
