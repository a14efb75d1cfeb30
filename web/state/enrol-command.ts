// What a host has to run to become an agent of this server. Pure.
import type { Status } from '../../src/api/schemas/status.ts';
import { commandOf } from './shell-words.ts';

export type Label = readonly [name: string, value: string];

const LABEL = /^([a-z][a-z0-9_.-]{0,62})=(\S{0,128})$/u;
/** Of one host, as the server takes them. */
const LABELS_MAX = 16;

/** `role=web rack=4`, apart by spaces; a text instead: what is wrong with it. */
export function parseLabels(text: string): readonly Label[] | string {
  const labels: Label[] = [];
  for (const word of text.split(/\s+/u).filter((part) => part !== '')) {
    const [, name, value] = LABEL.exec(word) ?? [];
    if (name === undefined || value === undefined) {
      return `“${word.slice(0, 40)}” is no label: write name=value, the name in small letters.`;
    }
    labels.push([name, value]);
  }
  return labels.length > LABELS_MAX ? `A host has at most ${LABELS_MAX} labels.` : labels;
}

export interface EnrolFacts {
  /** What people open. */
  readonly origin: string;
  readonly token: string;
  readonly labels: readonly Label[];
  readonly certificate: Status['certificate'];
}

/** With the pin where nobody else vouches for the certificate. */
export function enrolCommand({ origin, token, labels, certificate }: EnrolFacts): string {
  const words = ['trespass', 'enroll', origin, '--token', token];
  const pin = certificate?.self_signed === true ? ['--pin', certificate.pin] : [];
  const named = labels.flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  return `${commandOf(...words, ...pin, ...named)} && trespass collect`;
}

/** What else one has to know; words in `backticks` are commands. */
export function enrolNote({ origin, certificate }: Pick<EnrolFacts, 'origin' | 'certificate'>): string {
  if (origin.startsWith('http:')) {
    return 'This page came by plain HTTP, which hosts elsewhere refuse: set `server.tls_certificate` and `server.tls_key`, or open it by the address of the proxy that has TLS.';
  }
  if (certificate === undefined) {
    return 'A proxy ends TLS here. Where hosts do not trust its certificate, add `--ca-file FILE`.';
  }
  return certificate.self_signed
    ? 'The certificate of this server is its own, so the command pins its key: a new key needs a new enrolment. With an authority of your own, use `--ca-file FILE` instead.'
    : `Where hosts do not trust the authority of the certificate, add \`--ca-file FILE\`, or \`--pin ${certificate.pin}\`.`;
}
