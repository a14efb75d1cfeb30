// The process of one step: `child.ts STEP DIRECTORY [CREATOR_PID]`. It restricts itself, is refused what it tries,
// and reports on stdout.
import { survive } from './process-steps.ts';
import { Stage, StageError } from './stage.ts';
import { STEPS } from './steps.ts';

const [name = '', directory = '', creatorPid] = process.argv.slice(2);
const stage = new Stage(name === 'outlive-survivor' ? 'outlive' : name, directory);

try {
  if (name === 'outlive-survivor') {
    survive(stage, Number(creatorPid));
  } else {
    STEPS.find((step) => step.name === name)?.run(stage);
  }
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof StageError ? error.message : String(error)}\n`);
  process.exit(1);
}
