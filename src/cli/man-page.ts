// Manual pages (man(7)) from the same texts as the help. Pure.
import type { CommandShape, OptionShape } from './command-shape.ts';
import type { Topic } from './topics.ts';

interface PageHead {
  readonly version: string;
  readonly name: string;
  readonly summary: string;
}

/** `trespass-NAME.1` */
export function commandPage(head: PageHead, shape: CommandShape): string {
  return [
    ...headLines(`trespass-${head.name}`, 1, head),
    '.SH SYNOPSIS',
    '.nf',
    ...shape.synopsis.map(escapeLine),
    '.fi',
    '.SH DESCRIPTION',
    ...shape.paragraphs.flatMap((lines, at) => [...(at > 0 ? ['.PP'] : []), ...paragraph(lines)]),
    ...(shape.options.length > 0 ? ['.SH OPTIONS', ...shape.options.flatMap(optionLines)] : []),
    '.SH SEE ALSO',
    '.BR trespass (1),',
    '.BR trespass\\-concepts (7)',
    '',
  ].join('\n');
}

/** `trespass.1` */
export function mainPage(
  version: string,
  commands: readonly { readonly name: string; readonly summary: string }[],
): string {
  const summary = 'shows what Linux Landlock denied, to whom, and why';
  return [
    ...headLines('trespass', 1, { version, name: 'trespass', summary }),
    '.SH SYNOPSIS',
    '.B trespass',
    '.I COMMAND',
    '[options]',
    '.SH DESCRIPTION',
    'Reads the records that the kernel writes of each access that a Landlock sandbox refuses, understands and stores them,',
    'and shows them live. First steps, as root: trespass run, then trespass demo in another terminal. Nothing to see?',
    'trespass doctor.',
    '.SH COMMANDS',
    ...commands.flatMap(({ name, summary: text }) => ['.TP', `.BR trespass\\-${roff(name)} (1)`, escapeLine(text)]),
    '.SH EXIT STATUS',
    '0 done, 1 failed, 2 wrong usage, 3 nothing matched, 4 no permission.',
    '.SH FILES',
    '.TP',
    '.I /etc/trespass/trespass.toml',
    'the configuration; trespass config show tells what is in force',
    '.SH SEE ALSO',
    '.BR trespass\\-concepts (7)',
    '',
  ].join('\n');
}

/** `trespass-concepts.7` */
export function conceptsPage(version: string, topics: readonly Topic[]): string {
  const head = { version, name: 'concepts', summary: 'the words of Landlock and of Trespass' };
  return [
    ...headLines('trespass-concepts', 7, head),
    '.SH DESCRIPTION',
    'The same texts as trespass help TOPIC.',
    ...topics.flatMap(({ name, text }) => [
      `.SH ${roff(name.toUpperCase())}`,
      ...text.split('\n\n').flatMap((block, at) => [...(at > 0 ? ['.PP'] : []), ...paragraph(block.split('\n'))]),
    ]),
    '',
  ].join('\n');
}

function headLines(title: string, section: number, { version, summary }: PageHead): readonly string[] {
  return [
    `.TH ${roff(title.toUpperCase())} ${section} "" "Trespass ${roff(version)}"`,
    '.SH NAME',
    `${roff(title)} \\- ${roff(summary)}`,
  ];
}

/** Lines that are set in columns stay as they are; others are filled. */
function paragraph(lines: readonly string[]): readonly string[] {
  const isSet = lines.some((line) => /^\s|\S {2,}\S/.test(line));
  const escaped = lines.map(escapeLine);
  return isSet ? ['.nf', ...escaped, '.fi'] : escaped;
}

function optionLines({ name, short, value, description }: OptionShape): readonly string[] {
  const flags = [`\\fB\\-\\-${roff(name)}\\fR`, ...(short === undefined ? [] : [`\\fB\\-${short}\\fR`])].join(', ');
  return ['.TP', value === undefined ? flags : `${flags} \\fI${roff(value)}\\fR`, escapeLine(description || name)];
}

function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

/** A line that begins with a dot or an apostrophe would be a request. */
function escapeLine(line: string): string {
  const escaped = roff(line);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
