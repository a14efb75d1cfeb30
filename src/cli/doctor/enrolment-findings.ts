// A host of a fleet, whose collector delivers to a server elsewhere: whether it collects, and whether that server answers.
import { type Finding, fail, ok, warn } from '../../collector/doctor/finding.ts';
import type { Enrolment } from '../../collector/sending/enrolment.ts';
import { RemoteClient } from '../../collector/sending/remote-client.ts';
import { isSpoolInUse } from '../../collector/spool/spool-marks.ts';
import { peekSpool } from '../../collector/spool/spool-peek.ts';
import type { Config } from '../../runtime/config.ts';

const ANSWER_MAX_MS = 10_000;

export async function enrolmentFindings(enrolment: Enrolment, config: Config): Promise<readonly Finding[]> {
  const { spoolDirectory } = config.collector;
  const collector = isSpoolInUse(spoolDirectory)
    ? ok('collector', `runs, and delivers to ${enrolment.server}`)
    : warn('collector', `nothing collects: this host is enrolled at ${enrolment.server}`, 'start trespass collect');
  return [await reachFinding(enrolment), collector, ...spoolFindings(config)];
}

/** Any answer will do: what the key may is between the collector and that server. */
async function reachFinding(enrolment: Enrolment): Promise<Finding> {
  const check = 'server';
  let client: RemoteClient;
  try {
    client = new RemoteClient(enrolment, enrolment.key);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(check, `${enrolment.server} cannot be asked (${reason})`, 'enroll this host anew');
  }
  try {
    const signal = AbortSignal.timeout(ANSWER_MAX_MS);
    const type = 'application/json';
    const answer = await client.post({ path: '/-/healthy', type, body: [], timeoutMs: ANSWER_MAX_MS, signal });
    if (answer.ok) return ok(check, `${enrolment.server} answers`);
    const mend =
      'see whether it runs, and whether a firewall or proxy stands between; denials wait in the spool meanwhile';
    return fail(check, `${enrolment.server} does not answer (${answer.reason})`, mend);
  } finally {
    client.close();
  }
}

function spoolFindings({ collector }: Config): readonly Finding[] {
  const check = 'spool';
  let bytes = 0;
  try {
    for (const { body } of peekSpool(collector.spoolDirectory)) bytes += body.length;
  } catch {
    return [];
  }
  const text = `${Math.ceil(bytes / 1024)} KiB wait for delivery in ${collector.spoolDirectory}`;
  const isFilling = bytes > collector.spoolMaxBytes / 2;
  return [
    isFilling
      ? warn(check, text, 'when it is full, the oldest go: see why the server does not take them')
      : ok(check, text),
  ];
}
