// The same thing said to others: as a link, as a request, as a command. Pure.
import type { Denial } from '../../src/api/schemas/document.ts';
import { toAddress, type View } from './page-address.ts';
import { scopeParameters } from './request-parameters.ts';
import { commandOf, shellWord } from './shell-words.ts';

export interface CopyTexts {
  readonly link: string;
  readonly curl: string;
  readonly command: string;
}

/** One denial. */
export function denialTexts(denial: Denial, view: View, origin: string): CopyTexts {
  const atMs = Date.parse(denial['@timestamp']);
  const { pid } = denial.process ?? {};
  const query = [`domain:${denial.landlock.domain.id}`, ...(pid === undefined ? [] : [`pid:${pid}`])].join(' and ');
  return {
    link: origin + toAddress({ page: 'denials', range: view.range, denial: denial.event.id }),
    curl: curlOf(`${origin}/api/v1/denials/${encodeURIComponent(denial.event.id)}`),
    command: commandOf(
      ...['trespass', 'denials', '--canary', '--json'],
      ...['--since', new Date(atMs).toISOString()],
      ...['--until', new Date(atMs + 1).toISOString()],
      ...['--host', denial.host.id],
      ...['--query', query],
    ),
  };
}

const OPTIONS: Readonly<Record<string, string>> = {
  from: '--since',
  to: '--until',
  host: '--host',
  fleet: '--fleet',
  q: '--query',
};

/** All denials that a view shows. */
export function listTexts(view: View, origin: string): CopyTexts {
  const parameters = scopeParameters(view);
  const words = parameters.flatMap(([name, value]) => {
    const option = OPTIONS[name];
    return option === undefined ? [] : [option, value.replace(/^now-/, '')];
  });
  const search = new URLSearchParams(parameters.map(([name, value]) => [name, value]));
  return {
    link: origin + toAddress(view),
    curl: curlOf(`${origin}/api/v1/denials?${search}`),
    command: commandOf('trespass', 'denials', ...words),
  };
}

/** The token is taken from the environment: what is copied may end up in a chat. */
function curlOf(url: string): string {
  return `curl -fsS -H "Authorization: Bearer $TRESPASS_TOKEN" ${shellWord(url)}`;
}
