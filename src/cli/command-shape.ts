// What a command takes, read from its own help text, so that completions and manual pages can say nothing else: options
// with their values, words that it does something with, and the paragraphs between. Pure.

export interface OptionShape {
  /** Without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** As the help has it; absent: the option takes none. */
  readonly value?: string;
  readonly description: string;
}

export interface CommandShape {
  /** The lines after `usage:`. */
  readonly synopsis: readonly string[];
  /** `db` has migrate, check, … */
  readonly words: readonly string[];
  readonly options: readonly OptionShape[];
  /** Blocks of lines that are about no option. */
  readonly paragraphs: readonly (readonly string[])[];
}

const OPTION_LINE = /^ {2}(-.*?)(?: {2,}(.*))?$/;
const OPTION = /--([a-z][a-z-]*)(?:, -([a-z]))?(?:[ =]([A-Za-z][\w:=]*))?/g;
/** `  --dir DIR the rest`: one blank where the column is too narrow. */
const NARROW = /^(--[a-z-]+ [A-Z0-9:=]+) ([a-z].*)$/;
/** A second option that a description names. */
const SECOND = /; --([a-z][a-z-]*) ([A-Z]+)/g;

export function shapeOf(command: string, usage: string): CommandShape {
  const [head = '', ...blocks] = usage.trim().split('\n\n');
  const synopsis = head.split('\n').map((line) => line.replace(/^usage:\s*/i, '').trim());
  const options = new Map<string, OptionShape>();
  const add = (option: OptionShape) => {
    const known = options.get(option.name);
    // What the synopsis names without a word is told by its own line.
    if (known === undefined || known.description === '') options.set(option.name, option);
  };
  const paragraphs: string[][] = [];
  for (const block of blocks) {
    const rest: string[] = [];
    readBlock(block.split('\n'), add, rest);
    if (rest.length > 0) paragraphs.push(rest);
  }
  for (const line of synopsis) for (const option of optionsIn(line, '')) add(option);
  return { synopsis, words: wordsOf(command, synopsis), options: [...options.values()], paragraphs };
}

function readBlock(lines: readonly string[], add: (option: OptionShape) => void, rest: string[]): void {
  let open: { readonly head: string; readonly text: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const description = open.text.join(' ').trim();
    for (const option of optionsIn(open.head, description)) add(option);
    for (const [, name = '', value = ''] of description.matchAll(SECOND)) add({ name, value, description });
    open = undefined;
  };
  for (const line of lines) {
    const [, head, text = ''] = OPTION_LINE.exec(line) ?? [];
    if (head !== undefined) {
      close();
      const [, narrow = head, more = text] = NARROW.exec(head) ?? [];
      open = { head: narrow, text: [more] };
    } else if (open !== undefined && line.startsWith('   ')) {
      open.text.push(line.trim());
    } else {
      close();
      rest.push(line);
    }
  }
  close();
}

function optionsIn(head: string, description: string): readonly OptionShape[] {
  return [...head.matchAll(OPTION)].map(([, name = '', short, value]) => ({
    name,
    ...(short !== undefined && { short }),
    ...(value !== undefined && { value }),
    description,
  }));
}

function wordsOf(command: string, synopsis: readonly string[]): readonly string[] {
  const words = synopsis.flatMap((line) => {
    const [, given] = new RegExp(`^trespass ${command} ([a-z]+(?:\\|[a-z]+)*)(?: |$)`).exec(line) ?? [];
    return given?.split('|') ?? [];
  });
  return [...new Set(words)];
}

/** Whether an option's value is the name of a file or directory. */
export function isPath({ value }: OptionShape): boolean {
  return value !== undefined && ['FILE', 'PATH', 'DIR'].includes(value);
}

/** `text (default), json`, behind an introduction that ends with a colon. */
const CHOICES = /^(?:[^:;]*: )?((?:[a-z][a-z0-9_-]*(?: \([^)]*\))?(?:, (?:or )?| or )){1,}[a-z][a-z0-9_-]*)(?=$|[ ;(])/;

/** The words that an option takes, where its description begins with them; none where it takes anything. */
export function choicesOf({ value, description }: OptionShape): readonly string[] {
  const [, list] = value === undefined ? [] : (CHOICES.exec(description) ?? []);
  return list === undefined ? [] : list.replace(/ \([^)]*\)/g, '').split(/, or |, | or /);
}
