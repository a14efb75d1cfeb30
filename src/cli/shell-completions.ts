// Completions for the shells that people use, from the commands' shapes. Every text is ours; it is quoted all the same. Pure.
import { type CommandShape, choicesOf, isPath, type OptionShape } from './command-shape.ts';

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly shape: CommandShape;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** `topics`: what `help` knows beside the commands. */
export function completionScript(
  shell: Shell,
  commands: readonly CompletedCommand[],
  topics: readonly string[],
): string {
  switch (shell) {
    case 'bash':
      return bashScript(commands, topics);
    case 'zsh':
      return zshScript(commands, topics);
    case 'fish':
      return fishScript(commands, topics);
  }
}

/** Whether what follows `--` is another program with its arguments. */
function runsOthers({ shape }: CompletedCommand): boolean {
  return shape.synopsis.some((line) => line.includes(' -- COMMAND'));
}

function helpWords(commands: readonly CompletedCommand[], topics: readonly string[]): readonly string[] {
  return [...new Set([...commands.map(({ name }) => name), ...topics])];
}

function flagsOf({ name, short }: OptionShape): readonly string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

function bashScript(commands: readonly CompletedCommand[], topics: readonly string[]): string {
  const cases = commands.map((command) => {
    const { name, shape } = command;
    const paths = shape.options.filter(isPath).flatMap(flagsOf);
    const others = shape.options.filter((option) => option.value !== undefined && !isPath(option)).flatMap(flagsOf);
    const chosen = shape.options
      .map((option) => ({ flags: flagsOf(option), words: choicesOf(option) }))
      .filter(({ words }) => words.length > 0);
    return [
      `    ${name})`,
      `      words='${[...shape.words, ...shape.options.flatMap(flagsOf), '--help'].join(' ')}'`,
      ...(paths.length > 0 ? [`      paths=' ${paths.join(' ')} '`] : []),
      ...(others.length > 0 ? [`      values=' ${others.join(' ')} '`] : []),
      ...chosen.map(
        ({ flags, words }) => `      case "$previous" in ${flags.join('|')}) choices='${words.join(' ')}' ;; esac`,
      ),
      ...(runsOthers(command) ? [`      runs=yes`] : []),
      '      ;;',
    ].join('\n');
  });
  return `# bash completion for trespass; eval "$(trespass completions bash)"
_trespass() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local words= paths= values= choices= runs= i
  COMPREPLY=()
  # bash parts --format=json into three words.
  if [ "$current" = = ]; then current=
  elif [ "$previous" = = ] && [ "$COMP_CWORD" -gt 2 ]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${[...commands.map(({ name }) => name), 'help'].join(' ')} --help --version' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
    help) words='${helpWords(commands, topics).join(' ')}' ;;
${cases.join('\n')}
  esac
  if [ -n "$runs" ]; then
    for ((i = 2; i < COMP_CWORD; i++)); do
      if [ "\${COMP_WORDS[i]}" = -- ]; then
        if [ $((i + 1)) -eq "$COMP_CWORD" ]; then COMPREPLY=($(compgen -c -- "$current"))
        else compopt -o default 2>/dev/null; fi
        return
      fi
    done
  fi
  if [ -n "$choices" ]; then COMPREPLY=($(compgen -W "$choices" -- "$current")); return; fi
  case "$paths" in *" $previous "*) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")); return ;; esac
  case "$values" in *" $previous "*) return ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$current" in -*) ;; *) [ \${#COMPREPLY[@]} -gt 0 ] || compopt -o default 2>/dev/null ;; esac
}
complete -F _trespass trespass
`;
}

function zshScript(commands: readonly CompletedCommand[], topics: readonly string[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const described = (text: string) => text.replaceAll('\\', '\\\\').replace(/[[\]:]/g, '\\$&');
  const cases = commands.map((command) => {
    const { name, shape } = command;
    const options = shape.options.flatMap((option) =>
      flagsOf(option).map((flag) => {
        const choices = choicesOf(option);
        const what = isPath(option) ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ' ';
        const value = option.value === undefined ? '' : `:${option.value}:${what}`;
        return quoted(`*${flag}[${described(option.description)}]${value}`);
      }),
    );
    const rest = runsOthers(command)
      ? ''
      : shape.words.length > 0
        ? quoted(`1:what:(${shape.words.join(' ')})`)
        : `'*:file:_files'`;
    return `    ${name}) _arguments ${[...options, `'--help[tell more]'`, rest].filter(Boolean).join(' \\\n      ')} ;;`;
  });
  const list = [...commands, { name: 'help', summary: 'tell more of a command or a concept' }];
  return `#compdef trespass
# zsh completion for trespass: trespass completions zsh > a directory of $fpath/_trespass
_trespass() {
  # The name commands is taken by a table of the shell itself.
  local -a known
  known=(
${list.map(({ name, summary }) => `    ${quoted(`${name}:${described(summary)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command known
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  local at=\${words[(i)--]}
  if [[ " ${commands
    .filter(runsOthers)
    .map(({ name }) => name)
    .join(' ')} " = *" $command "* ]] && (( at < CURRENT )); then
    shift at words
    (( CURRENT -= at ))
    _normal
    return
  fi
  case $command in
    help) _values topic ${helpWords(commands, topics).map(quoted).join(' ')} ;;
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _trespass ]; then _trespass "$@"; else compdef _trespass trespass; fi
`;
}

function fishScript(commands: readonly CompletedCommand[], topics: readonly string[]): string {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;
  const first = `-n __fish_use_subcommand`;
  const lines = [
    '# fish completion for trespass; trespass completions fish | source',
    // __fish_seen_subcommand_from would also take `trespass db check` for check.
    'function __trespass_is; set -l words (commandline -opc); test "$words[2]" = "$argv[1]"; end',
    'complete -c trespass -f',
  ];
  for (const { name, summary } of commands)
    lines.push(`complete -c trespass ${first} -a ${name} -d ${quoted(summary)}`);
  lines.push(`complete -c trespass ${first} -a help -d 'tell more of a command or a concept'`);
  lines.push(`complete -c trespass -n '__trespass_is help' -a ${quoted(helpWords(commands, topics).join(' '))}`);
  for (const { name, shape } of commands) {
    const seen = `-n '__trespass_is ${name}'`;
    if (shape.words.length > 0) lines.push(`complete -c trespass ${seen} -a ${quoted(shape.words.join(' '))}`);
    else lines.push(`complete -c trespass ${seen} -F`);
    for (const option of shape.options) {
      const short = option.short === undefined ? '' : ` -s ${option.short}`;
      const choices = choicesOf(option);
      const words = choices.length > 0 ? ` -a ${quoted(choices.join(' '))}` : '';
      const value = option.value === undefined ? '' : isPath(option) ? ' -r -F' : ` -x${words}`;
      lines.push(`complete -c trespass ${seen} -l ${option.name}${short}${value} -d ${quoted(option.description)}`);
    }
    lines.push(`complete -c trespass ${seen} -l help -d 'tell more'`);
  }
  return `${lines.join('\n')}\n`;
}
