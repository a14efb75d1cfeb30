// The parts of the drawer that need nothing but the denial itself.
import type { Denial } from '../../../src/api/schemas/document.ts';
import { el } from '../../dom/el.ts';
import { recordText } from '../../dom/record-text.ts';
import { endpointText, hostText, processText } from '../../state/denial-words.ts';
import { denialsView, hostView, toAddress, type View } from '../../state/page-address.ts';
import { termOf } from '../../state/query-terms.ts';
import { type KnownUser, userName } from '../../state/user-names.ts';
import { formatCount } from '../../text/format-number.ts';
import { formatUtc, type TimeFormats } from '../../text/format-time.ts';
import { factsList } from '../blocks/facts-list.ts';
import { blockerList, tagsOf } from './denial-row.ts';

/** `issue`: a link to it. */
export function overviewSection(denial: Denial, view: View, formats: TimeFormats, issue?: HTMLElement): HTMLElement {
  const atMs = Date.parse(denial['@timestamp']);
  return el(
    'section',
    { class: 'drawer-section' },
    factsList([
      ['When', el('span', {}, `${formats.full(atMs)} `, el('span', { class: 'quiet' }, formatUtc(atMs)))],
      ['Blockers', blockerList(denial.landlock.blockers)],
      [
        'Host',
        el(
          'span',
          {},
          ...tagsOf(denial),
          el('a', { href: toAddress(hostView(view.range, denial.host.id)) }, recordText(hostText(denial.host))),
        ),
      ],
      ['Issue', issue],
      ['Stands for', repeatsText(denial)],
    ]),
  );
}

/** Of a flood: what is not shown one by one. */
function repeatsText({ landlock }: Denial): string | undefined {
  const { repeated } = landlock;
  if (repeated === undefined) return undefined;
  const span = `${formatUtc(Date.parse(repeated.first))} to ${formatUtc(Date.parse(repeated.last))}`;
  return `${formatCount(repeated.count)} identical denials of a flood, ${span}. Counts tell all of them; records are kept of the first.`;
}

export function objectSection(denial: Denial): HTMLElement {
  const { object, target, unknown_fields: unknownFields } = denial.landlock;
  const { file } = denial;
  return titled(
    'Object',
    factsList([
      ['Kind', object.kind],
      ['Path', file?.path],
      ['Name', file?.name ?? object.name],
      ['Device, inode', [file?.device, file?.inode].filter((part) => part !== undefined).join(', ')],
      ['From', denial.source && endpointText(denial.source)],
      ['To', denial.destination && endpointText(denial.destination)],
      ['Bound to', object.bound && endpointText(object.bound)],
      ['Connected to', object.connected && endpointText(object.connected)],
      ['Ioctl command', object.ioctl_command],
      ['Aimed at', target && processText(target.process.name, target.process.pid)],
      ['Namespace', object.namespace && [object.namespace.type, object.namespace.id].join(' ')],
      ['Capability', object.capability && (object.capability.name ?? object.capability.number)],
      ...(unknownFields ?? []).map((field) => [field.name, field.value] as const),
    ]),
  );
}

const CERTAINTY_WORDS = {
  certain: undefined,
  may_be_outside:
    'The kernel names the task that made the system call. For this kind of access the restricted task may be another one.',
  absent: 'The kernel did not say which task this was.',
} as const;

/** `known`: what users of its host are called. */
export function actorSection(denial: Denial, known: readonly KnownUser[]): HTMLElement {
  const { process, user, syscall } = denial;
  const note = CERTAINTY_WORDS[denial.landlock.actor_certainty];
  return titled(
    'Actor: who was refused',
    note === undefined ? undefined : el('p', { class: 'drawer-note' }, note),
    factsList([
      ['Process', process && processText(process.name, process.pid)],
      ['Executable', process?.executable],
      ['Command line', process?.args?.join(' ')],
      ['Directory', process?.working_directory],
      ['Parent', process?.parent && processText(undefined, process.parent.pid)],
      ['User', user?.id && userName(user.id, known)],
      ['Logged in as', user?.audit && userName(user.audit.id, known)],
      [
        'Effective user',
        user?.effective && user.effective.id !== user.id ? userName(user.effective.id, known) : undefined,
      ],
      ['Group', denial.group && `gid ${denial.group.id}`],
      ['Terminal', process?.tty],
      ['System call', syscall && [syscall.name ?? syscall.number, syscall.arch && `(${syscall.arch})`].join(' ')],
    ]),
  );
}

/** What the host found out by itself; none where it found nothing. */
export function attributionSections(
  { package: owner, systemd, container, landlock }: Denial,
  view: View,
): readonly HTMLElement[] {
  if (landlock.attribution === undefined) return [];
  const section = titled(
    'Where it belongs (best effort)',
    el('p', { class: 'drawer-note' }, 'Looked up on the host after the record was read; the kernel did not say it.'),
    factsList([
      ['Package', owner && packageLink(owner, view)],
      ['Systemd unit', systemd?.unit && denialsLink(termOf('unit', systemd.unit), systemd.unit, view)],
      ["User's own unit", systemd?.user_unit],
      ['Container', container?.id],
    ]),
  );
  return [section];
}

/** To all that was denied to the programs of a package, whatever its version. */
export function packageLink({ name, version }: NonNullable<Denial['package']>, view: View): HTMLElement {
  return denialsLink(termOf('package', name), `${name} ${version}`, view);
}

function denialsLink(term: string, words: string, view: View): HTMLElement {
  return el('a', { href: toAddress(denialsView(view, term)) }, recordText(words));
}

/** A section of the drawer with its heading. */
export function titled(title: string, ...content: readonly (HTMLElement | undefined)[]): HTMLElement {
  return el('section', { class: 'drawer-section' }, el('h3', {}, title), ...content);
}
