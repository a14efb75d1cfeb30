// A document without what tells of people: no arguments, no names of users or hosts, no home paths, no uids but the kind
// of account, no addresses, nothing that this version does not know. Built from what may be told, never by taking away,
// so that a new field is left out until somebody decides about it. Pure.
import { readBlockers } from '../blocker-set.ts';
import { reasonOf } from '../describe.ts';
import type {
  AnyDocument,
  Denial,
  DomainAllocated,
  DomainCreated,
  DomainDeallocated,
  Endpoint,
  EventFields,
  Gap,
  HostFields,
  LandlockObject,
  Malformed,
  SandboxCall,
} from '../document.ts';
import { type IsPackaged, isPlace, reducePath } from './reduce-path.ts';

type Process = NonNullable<Denial['process']>;
type User = NonNullable<Denial['user']>;

/** Of login.defs(5): accounts of people begin there. */
const FIRST_PERSON_UID = 1000;
/** Names of kinds are ours or the kernel's; anything else is not told. */
const PLAIN_NAME = /^[a-z][a-z_]{0,31}$/;

export function reduceDocument(doc: AnyDocument, isPackaged: IsPackaged): AnyDocument {
  switch (doc.kind) {
    case 'denial':
      return reduceDenial(doc, isPackaged);
    case 'domain-allocated':
      return reduceAllocation(doc, isPackaged);
    case 'domain-deallocated':
      return reduceDeallocation(doc);
    case 'malformed':
      return reduceMalformed(doc);
    case 'gap':
      return reduceGap(doc);
    case 'domain-created':
      return reduceCreation(doc);
    case 'sandbox-call':
      return reduceCall(doc, isPackaged);
  }
}

function reduceDenial(doc: Denial, isPackaged: IsPackaged): Denial {
  const { event, landlock } = doc;
  const names = landlock.blockers.join(',');
  const blockers = readBlockers(names, 0, names.length);
  const known = blockers.known.map(({ name }) => name);
  const told = known.length > 0 ? known.join(',') : 'unknown';
  const object = reduceObject(landlock.object);
  const target = landlock.target && { process: pidOf(landlock.target.process) };
  const file = doc.file?.path === undefined ? undefined : { path: reduceFilePath(doc, isPackaged) };
  const source = reduceEndpoint(doc.source);
  const destination = reduceEndpoint(doc.destination);
  const process = doc.process && reduceProcess(doc.process, isPackaged);
  const place = reduceAttribution(doc, isPackaged);
  const reason = reasonOf({
    domain: landlock.domain.id,
    blockers: readBlockers(told, 0, told.length),
    object,
    certainty: landlock.actor_certainty,
    file,
    source,
    destination,
    target,
    process,
  });
  return {
    ...headOf(doc),
    kind: 'denial',
    event: {
      ...eventOf(event),
      action: event.action,
      outcome: event.outcome,
      category: blockers.category,
      type: event.type,
      reason,
    },
    landlock: {
      domain: { id: landlock.domain.id },
      blockers: known.length > 0 ? known : ['unknown'],
      object,
      ...(target && { target }),
      actor_certainty: landlock.actor_certainty,
      ...(landlock.logged === false && { logged: false as const }),
      ...(landlock.same_exec !== undefined && { same_exec: landlock.same_exec }),
      ...(Object.keys(place).length > 0 && { attribution: 'best_effort' as const }),
    },
    ...(file && { file }),
    ...(source && { source }),
    ...(destination && { destination }),
    ...(process && { process }),
    ...(doc.user && { user: reduceUser(doc.user) }),
    ...(doc.syscall && { syscall: reduceSyscall(doc.syscall) }),
    ...place,
  };
}

/** Where units of packages are. */
const UNIT_DIRECTORIES = ['/usr/lib/systemd/system', '/lib/systemd/system'];
/** foo@INSTANCE.service: the instance may be anybody's name. */
const INSTANCE = /@[^.]*(?=\.[a-z]+$)/;

/** Packages and their units are the same everywhere; a container's id and a user's own unit are somebody's. */
function reduceAttribution(doc: Denial, isPackaged: IsPackaged): Pick<Denial, 'package' | 'systemd'> {
  const { package: owner, systemd } = doc;
  const executable = doc.process?.executable;
  const { name, version, type } = owner ?? {};
  const isTold = name !== undefined && version !== undefined && executable !== undefined && isPackaged(executable);
  const unit = systemd?.unit?.replace(INSTANCE, '@');
  const isKnown = unit !== undefined && UNIT_DIRECTORIES.some((directory) => isPackaged(`${directory}/${unit}`));
  return {
    ...(isTold && { package: { name, version, ...(type !== undefined && { type }) } }),
    ...(isKnown && { systemd: { unit } }),
  };
}

/** An abstract socket's name is no path of a file system. */
function reduceFilePath(doc: Denial, isPackaged: IsPackaged): string {
  const path = doc.file?.path ?? '';
  return path.startsWith('/') || isPlace(path) ? reducePath(path, isPackaged) : '<socket>';
}

function reduceObject(object: LandlockObject): LandlockObject {
  const { namespace, capability, ioctl_command: ioctl } = object;
  return {
    kind: PLAIN_NAME.test(object.kind) ? object.kind : 'other',
    ...(ioctl !== undefined && /^0x[0-9a-f]{1,8}$/.test(ioctl) && { ioctl_command: ioctl }),
    ...(namespace && /^0x[0-9a-f]{1,16}$/.test(namespace.type) && { namespace: { type: namespace.type } }),
    ...(capability && { capability: { number: capability.number } }),
  };
}

/** Ports name services; addresses name machines and people. */
function reduceEndpoint(endpoint: Endpoint | undefined): Endpoint | undefined {
  return endpoint?.port === undefined ? undefined : { port: endpoint.port };
}

function reduceProcess(process: Process, isPackaged: IsPackaged): Process {
  const { executable, parent } = process;
  const isKnown = executable !== undefined && isPackaged(executable);
  return {
    ...pidOf(process),
    ...(parent && { parent: { pid: parent.pid } }),
    // A name is free text: it is told where it is the program's own.
    ...(isKnown && { name: reducePath(executable, isPackaged).replace(/^.*\//, '') }),
    ...(executable !== undefined && { executable: reducePath(executable, isPackaged) }),
  };
}

function reduceUser(user: User): User {
  const id = user.effective?.id ?? user.id;
  if (id === undefined) return {};
  if (id === '0') return { id: '0', class: 'root' };
  return { class: Number(id) < FIRST_PERSON_UID ? 'system' : 'user' };
}

function reduceSyscall(syscall: NonNullable<Denial['syscall']>): NonNullable<Denial['syscall']> {
  const { arch, name, number } = syscall;
  return {
    ...(arch !== undefined && /^[a-z0-9_]{1,16}$/.test(arch) && { arch }),
    ...(name !== undefined && number !== undefined && /^[a-z0-9_]{1,32}$/.test(name) && { name }),
    ...(number !== undefined && { number }),
  };
}

function reduceAllocation(doc: DomainAllocated, isPackaged: IsPackaged): DomainAllocated {
  const { id, mode, creator } = doc.landlock.domain;
  const isPerson = creator.uid !== undefined && creator.uid !== 0;
  return {
    ...headOf(doc),
    kind: 'domain-allocated',
    event: eventOf(doc.event),
    landlock: {
      domain: {
        id,
        ...(mode !== undefined && PLAIN_NAME.test(mode) && { mode }),
        creator: {
          ...pidOf(creator),
          ...(creator.uid !== undefined && !isPerson && { uid: creator.uid }),
          ...(creator.executable !== undefined && { executable: reducePath(creator.executable, isPackaged) }),
        },
      },
    },
  };
}

function reduceDeallocation(doc: DomainDeallocated): DomainDeallocated {
  const { id, denials } = doc.landlock.domain;
  return { ...headOf(doc), kind: doc.kind, event: eventOf(doc.event), landlock: { domain: { id, denials } } };
}

function reduceMalformed(doc: Malformed): Malformed {
  const { '@timestamp': at, event, host } = doc;
  return {
    kind: 'malformed',
    ...(at !== undefined && { '@timestamp': at }),
    event: { id: event.id },
    host: hostOf(host),
    ...tagsOf(doc),
    reason: 'not told: the record stays on its host',
    text: '',
  };
}

function reduceGap(doc: Gap): Gap {
  const { kind, event, first, last, count, cause, since } = doc;
  return {
    ...headOf(doc),
    kind,
    event: { id: event.id },
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
    count,
    cause,
    ...(since !== undefined && { since }),
  };
}

function reduceCreation(doc: DomainCreated): DomainCreated {
  const { id, parent, ruleset, creator } = doc.landlock.domain;
  const thread = creator.thread && { thread: { id: creator.thread.id } };
  return {
    ...headOf(doc),
    kind: doc.kind,
    event: { id: doc.event.id, provider: doc.event.provider },
    landlock: {
      domain: {
        id,
        ...(parent && { parent: { id: parent.id } }),
        ...(ruleset && { ruleset: { id: ruleset.id, ...(ruleset.rules !== undefined && { rules: ruleset.rules }) } }),
        creator: { ...pidOf(creator), ...thread },
      },
    },
  };
}

function reduceCall(doc: SandboxCall, isPackaged: IsPackaged): SandboxCall {
  const { unknown_fields: _, rule_type: ruleType, ...landlock } = doc.landlock;
  return {
    ...headOf(doc),
    kind: doc.kind,
    event: { ...eventOf(doc.event), outcome: doc.event.outcome },
    landlock: {
      call: landlock.call,
      ...(landlock.is_probe && { is_probe: true as const }),
      ...(landlock.flags !== undefined && { flags: landlock.flags }),
      ...(landlock.ruleset_fd !== undefined && { ruleset_fd: landlock.ruleset_fd }),
      ...(ruleType !== undefined && /^[a-z0-9_]{1,32}$/.test(ruleType) && { rule_type: ruleType }),
      ...(landlock.makes_domain !== undefined && { makes_domain: landlock.makes_domain }),
    },
    ...(doc.process && { process: reduceProcess(doc.process, isPackaged) }),
    ...(doc.user && { user: reduceUser(doc.user) }),
    ...(doc.syscall && { syscall: reduceSyscall(doc.syscall) }),
  };
}

/** What all kinds with a time have. */
function headOf(doc: Exclude<AnyDocument, Malformed>) {
  return { '@timestamp': doc['@timestamp'], host: hostOf(doc.host), ...tagsOf(doc) };
}

function tagsOf({ tags }: AnyDocument) {
  return tags === undefined ? {} : { tags: tags.filter((tag) => tag === 'canary' || tag === 'replay') };
}

/** The id is a keyed hash already; the name is people's. */
function hostOf({ id, boot }: HostFields): HostFields {
  return { id, boot: { id: boot.id, ...(boot.derived && { derived: true as const }) } };
}

function eventOf({ id, sequence, provider }: EventFields): EventFields {
  return { id, sequence, ...(provider && { provider }) };
}

function pidOf({ pid }: { readonly pid?: number }): { readonly pid?: number } {
  return pid === undefined ? {} : { pid };
}
