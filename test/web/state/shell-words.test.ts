// What is copied for a shell is given to real shells.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { denialTexts, listTexts } from '../../../web/state/copy-texts.ts';
import { enrolCommand, enrolNote, parseLabels } from '../../../web/state/enrol-command.ts';
import { parseAddress } from '../../../web/state/page-address.ts';
import { shellWord } from '../../../web/state/shell-words.ts';
import { makeDenial } from '../../e2e/support/canned-answers.ts';

it('is one word for a shell, with exactly these characters, whatever they are', () => {
  const text = fc.string({ unit: 'binary' }).filter((one) => !/[\0\p{Surrogate}]/u.test(one));
  const hostile = [
    '',
    "a'b",
    '$(id)',
    '`id`',
    '\x1b[31m',
    'a\nb',
    "'\n'",
    '\\',
    '!x',
    '\u202e7',
    'é\u0301',
    '-rf',
    '~',
    '*',
  ];
  const texts = [...hostile, ...fc.sample(text, 200)];
  const script = texts.map((one) => `printf '%s\\0' ${shellWord(one)}`).join('\n');
  const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
  const out = execFileSync('bash', ['--norc', '-c', script], { env }).toString();
  expect(out.split('\0').slice(0, -1)).toEqual(texts);
});

it('holds nothing that a terminal would obey', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(shellWord(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

it('gives a denial and a list as link, request and command', () => {
  const view = parseAddress('/denials?q=path:"/a b"&host=h&range=7d');
  expect(listTexts(view, 'http://t')).toEqual({
    link: 'http://t/denials?range=7d&host=h&q=path%3A%22%2Fa+b%22',
    curl: `curl -fsS -H "Authorization: Bearer $TRESPASS_TOKEN" 'http://t/api/v1/denials?from=now-7d&host=h&q=path%3A%22%2Fa+b%22'`,
    command: `trespass denials --since 7d --host h --query 'path:"/a b"'`,
  });
  const denial = makeDenial(1, Date.parse('2026-03-01T10:00:00.268Z'));
  const { link, command } = denialTexts(denial, view, 'http://t');
  expect(link).toBe(`http://t/denials?range=7d&denial=${denial.event.id}`);
  expect(command).toContain(
    "--since 2026-03-01T10:00:00.268Z --until 2026-03-01T10:00:00.269Z --host id-web-2 --query '",
  );
});

it('makes one command of an enrolment, whatever its labels, and says what is wrong with one', () => {
  const labels = parseLabels('role=web  note=$(id);');
  const facts = { origin: 'https://t:1423', token: 'trp_1', labels: typeof labels === 'string' ? [] : labels };
  expect(enrolCommand({ ...facts, certificate: undefined })).toBe(
    "trespass enroll https://t:1423 --token trp_1 --label role=web --label 'note=$(id);' && trespass collect",
  );
  const certificate = { pin: 'sha256/a+/=', self_signed: true, expires_at: '' };
  expect(enrolCommand({ ...facts, labels: [], certificate })).toBe(
    'trespass enroll https://t:1423 --token trp_1 --pin sha256/a+/= && trespass collect',
  );
  expect(enrolNote({ origin: 'https://t', certificate: { ...certificate, self_signed: false } })).toContain(
    '--ca-file',
  );
  expect(enrolNote({ origin: 'http://t', certificate: undefined })).toContain('server.tls_certificate');
  expect([parseLabels('Web=1'), parseLabels('web'), parseLabels('a=1 '.repeat(17))]).toEqual([
    expect.stringContaining('“Web=1” is no label'),
    expect.stringContaining('“web” is no label'),
    'A host has at most 16 labels.',
  ]);
});
