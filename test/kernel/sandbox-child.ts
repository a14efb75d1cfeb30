// Sandboxes itself as programs do, so that audit rules on Landlock's calls have something to tell: a ruleset with
// three rules and one that is refused, the restriction with a log flag, and log flags without a ruleset.
// usage: sandbox-child.ts DIRECTORY
import {
  allowPath,
  allowPort,
  type CallResult,
  closeRuleset,
  createRuleset,
  restrictSelf,
  setNoNewPrivs,
} from '../../src/collector/kernel/landlock-syscalls.ts';

const [, , directory = ''] = process.argv;

function must<T>(result: CallResult<T>): T {
  if (!result.ok) throw new Error(`${result.call}: ${result.errno}`);
  return result.value;
}

const ruleset = must(createRuleset({ fs: ['write_file', 'read_dir'], net: ['bind_tcp'] }));
must(allowPath(ruleset, directory, ['write_file']));
must(allowPath(ruleset, '/proc', ['read_dir']));
must(allowPort(ruleset, 8_080, ['bind_tcp']));
// Not handled: the kernel answers EINVAL.
if (allowPort(ruleset, 8_080, ['connect_tcp']).ok) throw new Error('a right that is not handled was allowed');
must(setNoNewPrivs());
must(restrictSelf(ruleset, ['log_new_exec_on']));
must(restrictSelf(-1, ['log_subdomains_off']));
closeRuleset(ruleset);
