// Which issue a denial belongs to. Denials share a fingerprint if the same program was refused the same thing on the same
// kind of object, whatever the host, the user, the process and the run.
import type { Denial, Endpoint } from './document.ts';
import { idOfText } from './event-id.ts';
import type { TemplateRule } from './templates/marks.ts';
import { nameTemplate, type PathTemplate, pathTemplate, socketTemplate } from './templates/path-template.ts';

/** Grows when anything changes that goes into a fingerprint: templates too. Part of the fingerprint. */
export const FINGERPRINT_VERSION = 1;

/**
 * What a denial was about. `path`: what the record names, which for some blockers is the parent directory. `entry`: a bare
 * name (`name=`). `local-port`, `remote-port`: without an address, as Landlock's rules are. `none`: nothing is named.
 */
export type ObjectClass =
  | 'path'
  | 'entry'
  | 'abstract-socket'
  | 'local-port'
  | 'remote-port'
  | 'process'
  | 'namespace'
  | 'capability'
  | 'none';

/** What identifies an issue. */
export interface IssueParts {
  /** The template of the executable; else of the task's name; empty where the event names neither. */
  readonly program: string;
  /** Whether `program` is an executable, only the task's name, or nothing. */
  readonly programClass: 'executable' | 'name' | 'none';
  /** In alphabetical order, each once. */
  readonly blockers: readonly string[];
  readonly objectClass: ObjectClass;
  /**
   * Template of a path or a name, decimal port, name of a capability or namespace as `namespace=` and `capability=` give
   * it. Empty where the record does not say (a port of 0, `none`).
   */
  readonly objectKey: string;
  /** The ioctl's command (`0x5401`); `new` for a namespace that was to be created; else empty. */
  readonly objectDetail: string;
}

/** And how that came about. */
export interface ExplainedParts extends IssueParts {
  /** The rules behind the marks in `program` and `objectKey`. */
  readonly rules: { readonly program: readonly TemplateRule[]; readonly object: readonly TemplateRule[] };
}

/** An issue's identity. */
export interface Fingerprint extends ExplainedParts {
  /** 26 characters of base32, as an event id. */
  readonly fingerprint: string;
  readonly version: number;
}

/** What a denial is about, and the rules behind the marks in `objectKey`. */
export interface ObjectParts extends Pick<IssueParts, 'objectClass' | 'objectKey' | 'objectDetail'> {
  readonly rules: readonly TemplateRule[];
}

/** The program, and the rules behind the marks in it. */
export interface ProgramParts extends Pick<IssueParts, 'program' | 'programClass'> {
  readonly rules: readonly TemplateRule[];
}

const NO_RULES: readonly TemplateRule[] = [];

function plain(objectClass: ObjectClass, objectKey: string, objectDetail = ''): ObjectParts {
  return { objectClass, objectKey, objectDetail, rules: NO_RULES };
}

function templated(objectClass: ObjectClass, { template, rules }: PathTemplate, objectDetail = ''): ObjectParts {
  return { objectClass, objectKey: template, objectDetail, rules };
}

function ofPort(objectClass: ObjectClass, endpoint: Endpoint | undefined): ObjectParts {
  return plain(objectClass, endpoint?.port === undefined ? '' : String(endpoint.port));
}

function ofProcess(denial: Denial): ObjectParts {
  return templated('process', nameTemplate(denial.landlock.target?.process.name ?? ''));
}

function ofNamespace({ landlock }: Denial): ObjectParts {
  const { type = '', id } = landlock.object.namespace ?? {};
  return plain('namespace', type, type === '' || id !== undefined ? '' : 'new');
}

function ofCapability({ landlock }: Denial): ObjectParts {
  const { name, number } = landlock.object.capability ?? {};
  return plain('capability', name ?? (number === undefined ? '' : String(number)));
}

/** By what the record holds: for file systems, and for blockers that this version does not know. */
function ofFields(denial: Denial): ObjectParts {
  const { file, landlock, source, destination } = denial;
  const { object } = landlock;
  const detail = object.ioctl_command ?? '';
  if (file?.path !== undefined) return templated('path', pathTemplate(file.path), detail);
  if (file?.name !== undefined) return templated('entry', nameTemplate(file.name), detail);
  if (landlock.target !== undefined) return ofProcess(denial);
  if (object.namespace !== undefined) return ofNamespace(denial);
  if (object.capability !== undefined) return ofCapability(denial);
  if (destination !== undefined) return ofPort('remote-port', destination);
  if (source !== undefined) return ofPort('local-port', source);
  return plain('none', '', detail);
}

/** What the issue that a denial belongs to is about. */
export function objectPartsOf(denial: Denial): ObjectParts {
  switch (denial.landlock.blockers[0]) {
    case 'net.bind_tcp':
    case 'net.bind_udp':
      return ofPort('local-port', denial.source);
    case 'net.connect_tcp':
    case 'net.connect_send_udp':
      return ofPort('remote-port', denial.destination);
    case 'scope.abstract_unix_socket': {
      const { name } = denial.landlock.object;
      return name === undefined ? plain('abstract-socket', '') : templated('abstract-socket', socketTemplate(name));
    }
    case 'scope.signal':
    case 'ptrace':
      return ofProcess(denial);
    case 'namespace.use':
      return ofNamespace(denial);
    case 'capability.use':
      return ofCapability(denial);
    default:
      return ofFields(denial);
  }
}

/** Whose issue it is that a denial belongs to. */
export function programPartsOf({ process }: Denial): ProgramParts {
  if (process?.executable !== undefined) {
    const { template, rules } = pathTemplate(process.executable);
    return { program: template, programClass: 'executable', rules };
  }
  if (process?.name === undefined) return { program: '', programClass: 'none', rules: NO_RULES };
  const { template, rules } = nameTemplate(process.name);
  return { program: template, programClass: 'name', rules };
}

/** A denial's blockers as a set. Nearly always one or two. */
export function blockersOfIssue(blockers: readonly string[]): readonly string[] {
  return blockers.length < 2 ? blockers : [...new Set(blockers)].sort();
}

/** The fingerprint of an issue. JSON keeps its parts apart, whatever characters they hold. */
export function fingerprintOfParts(parts: IssueParts): string {
  const { program, programClass, blockers, objectClass, objectKey, objectDetail } = parts;
  const all = [FINGERPRINT_VERSION, programClass, program, blockers, objectClass, objectKey, objectDetail];
  return idOfText(JSON.stringify(all));
}

/** What identifies the issue that a denial belongs to. Takes any denial. */
export function issuePartsOf(denial: Denial): ExplainedParts {
  return joinParts(programPartsOf(denial), blockersOfIssue(denial.landlock.blockers), objectPartsOf(denial));
}

/** What identifies an issue, of what was worked out apart. */
export function joinParts(of: ProgramParts, blockers: readonly string[], object: ObjectParts): ExplainedParts {
  const { program, programClass } = of;
  const { objectClass, objectKey, objectDetail, rules } = object;
  return {
    program,
    programClass,
    blockers,
    objectClass,
    objectKey,
    objectDetail,
    rules: { program: of.rules, object: rules },
  };
}

/** The issue that a denial belongs to. Takes any denial. */
export function fingerprintOf(denial: Denial): Fingerprint {
  const parts = issuePartsOf(denial);
  return { fingerprint: fingerprintOfParts(parts), version: FINGERPRINT_VERSION, ...parts };
}

function sized(text: string | undefined): string {
  return text === undefined ? '-' : `${text.length}:${text}`;
}

/**
 * A text that is cheap to make, and equal only for denials of one fingerprint: for a memo in front of `fingerprintOf`.
 * Not the other way round: denials of one issue have many keys. Each part stands behind its length.
 */
export function fingerprintKey(denial: Denial): string {
  const { process, landlock, file, source, destination } = denial;
  const { object, target, blockers } = landlock;
  let key = process?.executable === undefined ? `n${sized(process?.name)}` : `x${sized(process.executable)}`;
  for (const blocker of blockers) key += `b${sized(blocker)}`;
  key += 'o';
  if (file?.path !== undefined) key += `p${sized(file.path)}`;
  else if (file?.name !== undefined) key += `e${sized(file.name)}`;
  if (object.ioctl_command !== undefined) key += `i${sized(object.ioctl_command)}`;
  if (destination !== undefined) key += `d${destination.port ?? ''};`;
  if (source !== undefined) key += `s${source.port ?? ''};`;
  if (target !== undefined) key += `t${sized(target.process.name)}`;
  if (object.name !== undefined) key += `a${sized(object.name)}`;
  const { namespace, capability } = object;
  if (namespace !== undefined) key += `N${namespace.id === undefined ? '+' : '='}${sized(namespace.type)}`;
  if (capability !== undefined) key += `c${capability.number}${sized(capability.name)}`;
  return key;
}
