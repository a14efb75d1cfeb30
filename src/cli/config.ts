// `trespass config check|show`: whether the configuration is sound, and what it comes to.
import { PulledConfig } from '../collector/sending/pulled-config.ts';
import { CONFIG_KEYS, keyName } from '../runtime/config-schema.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command } from './command.ts';
import { CONFIG_OPTIONS, CONFIG_USAGE, loadCommandConfig } from './config-options.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'check or show the effective configuration',
  usage: `usage: trespass config check [options]
       trespass config show [options] [--json]

check  reads the file and the flags, and says whether the daemons would take them (exit code 2: they would not).
show   prints every key with its effective value, and where the value comes from; on an agent also what its server
       wants and what of that is refused.

${CONFIG_USAGE}`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('config', argv, { ...CONFIG_OPTIONS, json: { type: 'boolean' } }, 1);
    const [action] = positionals;
    if (action !== 'check' && action !== 'show') {
      throw usageError('config: say what to do', 'trespass config check, or trespass config show');
    }
    const loaded = loadCommandConfig(values, io);
    if (action === 'check') {
      io.stdout.write(`the configuration is sound (${loaded.file ?? 'no file, defaults and flags only'})\n`);
      return EXIT.done;
    }
    if (values.json) {
      const keys = [...loaded.values].map(([key, { value, origin }]) => ({ key, value, origin }));
      io.stdout.write(`${keys.map((key) => JSON.stringify(key)).join('\n')}\n`);
      return EXIT.done;
    }
    let table = '';
    for (const key of CONFIG_KEYS) {
      const found = loaded.values.get(keyName(key));
      if (key.table !== table) {
        io.stdout.write(`${table === '' ? '' : '\n'}[${key.table}]\n`);
        table = key.table;
      }
      const assignment =
        found === undefined ? `# ${key.key} is not set` : `${key.key} = ${JSON.stringify(found.value)}`;
      io.stdout.write(found === undefined ? `${assignment}\n` : `${assignment.padEnd(56)} # ${found.origin}\n`);
    }
    const { spoolDirectory, privacy, pullConfig } = loaded.config.collector;
    if (pullConfig) io.stdout.write(pulledText(new PulledConfig(spoolDirectory, privacy)));
    return EXIT.done;
  },
};

/** What a server elsewhere wants of this host, and what became of it; empty where none said anything. */
function pulledText({ etag, report }: PulledConfig): string {
  if (etag === undefined) return '';
  const taken = Object.entries(report.taken).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const refused = report.refused.map(
    (name) => `# ${name} is refused: this host does not tell more, or does not know it`,
  );
  return ['', `# wanted by the server (${etag}), and in force:`, ...taken, ...refused, ''].join('\n');
}
