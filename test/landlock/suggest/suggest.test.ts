import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Denial, Document } from '../../../src/landlock/document.ts';
import { type Suggestion, type SuggestOptions, suggest } from '../../../src/landlock/suggest/suggest.ts';
import { ruleText } from '../../../src/landlock/suggest/tiers.ts';
import { denialOf, onPath, renamed } from './denials.ts';

const rulesOf = (denials: readonly Denial[], options: SuggestOptions = {}): readonly string[] =>
  suggest(denials, options).rules.map(({ rule }) => ruleText(rule));

describe('a suggestion', () => {
  it('gives each place once what was asked for there, and no more', () => {
    const denials = [
      onPath('/srv/a', ['fs.read_file']),
      onPath('/srv/a', ['fs.write_file']),
      onPath('/srv/a', ['fs.read_file']),
      onPath('/srv/b', ['fs.truncate']),
      denialOf(['net.bind_tcp'], { source: { ip: '127.0.0.1', port: 8080 } }),
      denialOf(['net.connect_tcp'], { destination: { ip: '10.0.0.1', port: 443 } }),
      denialOf(['net.connect_tcp'], { destination: { ip: '::1', port: 443 } }),
    ];
    const { rules, counts, differences, abi } = suggest(denials);
    expect(rules.map(({ rule, denials: count }) => [ruleText(rule), count])).toEqual([
      ['fs.write_file, fs.read_file on /srv/a', 3],
      ['fs.truncate on /srv/b', 1],
      ['net.connect_tcp on port 443', 2],
      ['net.bind_tcp on port 8080', 1],
    ]);
    expect(counts).toEqual({ selected: 7, allowed: 7, withheld: 0, impossible: 0, beyond: 0 });
    expect(abi).toBe(4);
    expect(differences.map(({ observed, granted }) => [observed, granted])).toEqual([
      [
        ['net.connect_tcp on 10.0.0.1:443', 'net.connect_tcp on [::1]:443'],
        'net.connect_tcp on port 443 of every address',
      ],
      [['net.bind_tcp on 127.0.0.1:8080'], 'net.bind_tcp on port 8080 of every address'],
    ]);
  });

  it('puts rights of directories on the directory that the record names, and says how far that reaches', () => {
    const { rules, differences, notes } = suggest([onPath('/srv/app', ['fs.make_reg'])]);
    expect(rules.map(({ rule }) => ruleText(rule))).toEqual(['fs.make_reg on /srv/app/']);
    expect(differences[0]?.granted).toBe('fs.make_reg on everything in /srv/app/, whatever its name and however deep');
    expect(notes.join('\n')).toContain('fs.make_reg creates the file; to write to it');
  });

  it('leaves out what a directory above gives already', () => {
    const denials = [
      onPath('/srv/app', ['fs.make_reg', 'fs.remove_file']),
      onPath('/srv/app/log', ['fs.make_reg']),
      onPath('/srv/application', ['fs.make_reg']),
    ];
    expect(rulesOf(denials)).toEqual(['fs.remove_file, fs.make_reg on /srv/app/', 'fs.make_reg on /srv/application/']);
  });

  it('allows a move on both directories, and lets what is moved gain nothing', () => {
    expect(rulesOf(renamed('/srv/in', '/srv/out', 'file'))).toEqual([
      'fs.remove_file, fs.refer on /srv/in/',
      'fs.make_reg, fs.refer on /srv/out/',
    ]);
    // A directory takes its children along: what may be made in its new place must be so in the old one.
    const { rules, differences } = suggest(renamed('/srv/in', '/srv/out', 'dir'));
    expect(rules.map(({ rule }) => ruleText(rule))).toEqual([
      'fs.remove_dir, fs.make_dir, fs.refer on /srv/in/',
      'fs.make_dir, fs.refer on /srv/out/',
    ]);
    expect(differences[0]?.granted).toContain('; fs.make_dir only because what is moved');
    const withFile = [...renamed('/srv/in', '/srv/out', 'file'), onPath('/srv/out/x', ['fs.read_file'], 2)];
    expect(suggest(withFile).counts.allowed).toBe(3);
  });

  it('never suggests what opens more than a file, whatever is asked for', () => {
    for (const [path, blocker] of [
      ['/etc/shadow', 'fs.read_file'],
      ['/home/eve/.ssh', 'fs.read_dir'],
      ['/home/eve/.ssh/id_ed25519', 'fs.read_file'],
      ['/etc/ssh/ssh_host_ed25519_key', 'fs.read_file'],
      ['/srv/tls/site.key', 'fs.read_file'],
      ['/proc/77/mem', 'fs.write_file'],
      ['/proc/self/environ', 'fs.read_file'],
      ['/dev/sda1', 'fs.write_file'],
      ['/dev/mem', 'fs.read_file'],
      ['/root/.aws/credentials', 'fs.read_file'],
      ['/etc/sudoers.d', 'fs.make_reg'],
    ] as const) {
      const { rules, withheld } = suggest([onPath(path, [blocker])], { includeGuarded: true, generalise: true });
      expect([path, rules]).toEqual([path, []]);
      expect(withheld).toMatchObject([{ tier: 'never', reason: expect.stringMatching(/\w/), denials: 1 }]);
    }
  });

  it('asks for a word before it suggests what can give away more than it seems', () => {
    const denials = [
      onPath('/etc/hosts', ['fs.write_file']),
      onPath('/etc', ['fs.make_reg']),
      onPath('/home/eve/.bashrc', ['fs.write_file']),
      onPath('/tmp/x/run.sh', ['fs.execute']),
      onPath('/run/docker.sock', ['fs.resolve_unix']),
      onPath('/dev/kvm', ['fs.ioctl_dev']),
      onPath('/srv', ['fs.make_dir']),
      denialOf(['net.connect_tcp'], { destination: { ip: '169.254.169.254', port: 80 } }),
      denialOf(['net.connect_tcp'], { destination: { ip: '10.0.0.1', port: 22 } }),
    ];
    const { rules, withheld } = suggest(denials);
    expect(rules).toEqual([]);
    expect(withheld.map(({ tier }) => tier)).toEqual(denials.map(() => 'guarded'));
    const all = suggest(denials, { includeGuarded: true });
    expect(all.counts.allowed).toBe(denials.length);
    expect(all.rules.every(({ tier, reason }) => tier === 'guarded' && reason !== undefined)).toBe(true);
  });

  it.each([
    [denialOf(['scope.signal']), /^The scope for signals/, /LANDLOCK_SCOPE_SIGNAL/],
    [denialOf(['scope.abstract_unix_socket']), /no exceptions/, /LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET/],
    [denialOf(['ptrace']), /by descent/, /inside the same sandbox/],
    [onPath('/mnt', ['fs.change_topology']), /no rule and no flag/, /Mount before/],
    [denialOf(['namespace.use']), /7\.4/, /before the restriction/],
    [denialOf(['capability.use']), /7\.4/, /what the sandbox handles/],
    [denialOf(['quantum.entangle']), /does not know/, /Update/],
    [onPath('/srv/a', ['fs.read_file', 'fs.fly']), /does not know/, /Update/],
    [denialOf(['fs.read_file']), /does not name the path/, /audit rule/],
    [onPath('pipe:[77]', ['fs.read_file']), /no place in the file system/, /directory/],
    [onPath('/tmp/x (deleted)', ['fs.write_file']), /deleted/, /directory/],
    [denialOf(['net.connect_tcp']), /does not name the port/, /port/],
    [onPath('/proc/77/status', ['fs.read_file']), /process by its number/, /general rules/],
  ])('says what no rule can give, and what would', (denial, reason, instead) => {
    const { rules, impossible, counts } = suggest([denial]);
    expect(rules).toEqual([]);
    expect(impossible).toEqual([
      {
        what: expect.any(String),
        reason: expect.stringMatching(reason),
        instead: expect.stringMatching(instead),
        denials: 1,
      },
    ]);
    expect(counts).toMatchObject({ selected: 1, allowed: 0, impossible: 1 });
  });

  it('takes port 0 for a bind that names none', () => {
    expect(rulesOf([denialOf(['net.bind_udp'])])).toEqual(['net.bind_udp on port 0']);
  });

  it('takes the directory above what changes, only when it is asked to', () => {
    const denials = ['1000', '1001'].flatMap((user) =>
      [`/srv/cache/3f2a91bc3f2a91bc${user}aaaabbbb/x`].map((path) => onPath(path, ['fs.read_file'])),
    );
    expect(rulesOf(denials).length).toBe(2);
    expect(suggest(denials).notes.join('\n')).toContain('general rules');
    const { rules, differences } = suggest(denials, { generalise: true });
    expect(rules.map(({ rule }) => ruleText(rule))).toEqual(['fs.read_file on /srv/cache/']);
    expect(differences[0]?.observed.length).toBe(2);
  });

  it('takes the directory of several files that are wanted alike, unless that needs a word', () => {
    const inDirectory = (directory: string) =>
      ['a', 'b', 'c'].map((name) => onPath(`${directory}/${name}`, ['fs.read_file']));
    expect(rulesOf(inDirectory('/srv/app/static'), { generalise: true })).toEqual(['fs.read_file on /srv/app/static/']);
    expect(rulesOf(inDirectory('/srv/app/static').slice(1), { generalise: true }).length).toBe(2);
    expect(rulesOf(inDirectory('/etc'), { generalise: true }).length).toBe(3);
    expect(rulesOf(inDirectory('/etc'), { generalise: true, includeGuarded: true })).toEqual(['fs.read_file on /etc/']);
  });

  it('keeps a bounded number of places and counts the rest', () => {
    const denials = Array.from({ length: 1_100 }, (_, n) => onPath(`/srv/x/${n}`, ['fs.read_file']));
    expect(suggest(denials).counts).toMatchObject({ selected: 1_100, allowed: 1_000, beyond: 100 });
  });

  it('keeps the exact bytes of a path', () => {
    const raw = Buffer.from([0x2f, 0x73, 0x2f, 0xff, 0x0a]);
    const file = { path: '/s/\ufffd\n', path_raw: raw.toString('base64') };
    const [suggested] = suggest([denialOf(['fs.read_file'], { file })]).rules;
    expect(suggested?.rule).toMatchObject({ path: raw.toString('latin1') });
  });

  it('meets all denials of the corpus that rules can meet', () => {
    const corpus = new URL('../../fixtures/conformance/', import.meta.url);
    const names = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ndjson'));
    const counts: Suggestion['counts'][] = names.map((name) => {
      const denials = readFileSync(new URL(name, corpus), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Document)
        .filter((document) => document.kind === 'denial');
      return suggest(denials, { includeGuarded: true }).counts;
    });
    expect(counts.reduce((sum, { allowed }) => sum + allowed, 0)).toBeGreaterThan(500);
    for (const { selected, allowed, withheld, impossible, beyond } of counts)
      expect(allowed + withheld + impossible + beyond).toBe(selected);
  });
});
