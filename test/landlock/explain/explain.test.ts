import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCKERS } from '../../../src/landlock/blockers.ts';
import type { Denial, Document } from '../../../src/landlock/document.ts';
import { type ExplainContext, type Explanation, explain } from '../../../src/landlock/explain/explain.ts';
import { fingerprintOf } from '../../../src/landlock/fingerprint.ts';
import { sampleDenial } from '../../support/sample-documents.ts';

const CORPUS = new URL('../../fixtures/conformance/', import.meta.url);

function denialOf(
  blockers: readonly string[],
  landlock: Partial<Denial['landlock']> = {},
  parts: Partial<Pick<Denial, 'file' | 'source' | 'destination' | 'process' | 'syscall'>> = {},
): Denial {
  const { file: _file, ...rest } = sampleDenial(1);
  return { ...rest, ...parts, landlock: { ...rest.landlock, ...landlock, blockers } };
}

/** The first denial of each shape in the corpus, explained with what its file says about the domain. */
function explainCorpus(): readonly string[] {
  const lines: string[] = [];
  const shapes = new Set<string>();
  const names = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ndjson'));
  for (const name of names.sort()) {
    const documents = readFileSync(new URL(name, CORPUS), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Document);
    const creators = new Map<string, NonNullable<ExplainContext['creator']>>();
    for (const document of documents) {
      if (document.kind === 'domain-allocated')
        creators.set(document.landlock.domain.id, document.landlock.domain.creator);
    }
    for (const denial of documents) {
      if (denial.kind !== 'denial') continue;
      const creator = creators.get(denial.landlock.domain.id);
      const { blockers, objectClass, objectDetail } = fingerprintOf(denial);
      const { actor_certainty: certainty } = denial.landlock;
      const shape = [blockers, objectClass, objectDetail, certainty, creator === undefined].join(' ');
      if (shapes.has(shape)) continue;
      shapes.add(shape);
      lines.push(JSON.stringify({ from: name, ...explain(denial, creator === undefined ? {} : { creator }) }));
    }
  }
  return lines;
}

function textsOf({ sentence, actor, creator, meaning, causes, unknown }: Explanation): readonly string[] {
  const fromMeaning = meaning.flatMap((of) => [of.blocker, of.text, ...of.traps]);
  const fromCauses = causes.flatMap((of) => [of.if, of.then, of.do]);
  return [sentence, actor, creator ?? '', ...unknown, ...fromMeaning, ...fromCauses];
}

describe('an explanation', () => {
  it('of each shape of denial in the corpus is what was written down', async () => {
    await expect(`${explainCorpus().join('\n')}\n`).toMatchFileSnapshot('../../fixtures/golden/explanations.ndjson');
  });

  it('says who, what, where and whose sandbox in one sentence', () => {
    const denial = denialOf(
      ['fs.make_reg'],
      {},
      { file: { path: '/usr/local' }, process: { pid: 289, name: 'sh', executable: '/usr/bin/bash' } },
    );
    const creator = { pid: 286, executable: '/usr/bin/sandboxer', name: 'sandboxer' };
    expect(explain(denial, { creator, userName: 'root' }).sentence).toBe(
      'sh (/usr/bin/bash, pid 289, user root) was refused to create a regular file in /usr/local ' +
        '(the record names the parent directory, not the file itself) by the sandbox that /usr/bin/sandboxer set up ' +
        '(domain 195ba459b, pid 286).',
    );
    expect(explain(denial).sentence).toMatch(/ by a sandbox \(domain 195ba459b\)\.$/);
  });

  it.each(BLOCKERS)('knows what $name is, since when, and what to do about it', ({ name, abi }) => {
    const { meaning, causes } = explain(denialOf([name]));
    expect(meaning).toEqual([
      {
        blocker: name,
        since_abi: abi,
        text: expect.stringMatching(/\.$/),
        traps: expect.arrayContaining([expect.any(String)]),
      },
    ]);
    expect(causes.length).toBeGreaterThan(0);
    const order = causes.map(({ sure }) => ['likely', 'possible', 'unlikely'].indexOf(sure));
    expect(order).toEqual([...order].sort());
  });

  it('says so of a restriction that it does not know', () => {
    const { meaning, causes, sentence } = explain(denialOf(['quantum.entangle']));
    expect(meaning).toEqual([
      { blocker: 'quantum.entangle', text: 'This version of Trespass does not know this restriction.', traps: [] },
    ]);
    expect(causes[0]?.do).toMatch(/^update Trespass/);
    expect(sentence).toContain('quantum.entangle');
  });

  it('finds no cause that the deed speaks against', () => {
    const of = (denial: Denial) =>
      explain(denial)
        .causes.map((cause) => `${cause.sure} ${cause.do}`)
        .join();
    expect(of(denialOf(['fs.make_reg'], {}, { file: { path: '/tmp' } }))).toMatch(/likely allow .*TMPDIR/);
    for (const blocker of ['fs.read_file', 'fs.read_dir', 'fs.resolve_unix', 'fs.execute'])
      expect(of(denialOf([blocker], {}, { file: { path: '/tmp/x' } }))).not.toMatch(/TMPDIR/);
    const viewer = of(denialOf(['ptrace'], {}, { syscall: { name: 'openat', number: 257 } }));
    expect(viewer).toMatch(/^likely nothing, if it works without/);
    expect(of(denialOf(['ptrace'], {}, { syscall: { name: 'ptrace', number: 101 } }))).not.toMatch(/works without/);
  });

  it('says of PTRACE_TRACEME that the caller asks for its parent', () => {
    const target = { process: { pid: 7, name: 'x' } };
    const { sentence } = explain(
      denialOf(['ptrace'], { target, actor_certainty: 'may_be_outside' }, { process: { pid: 7 } }),
    );
    expect(sentence).toMatch(
      /was refused to let its parent trace it \(PTRACE_TRACEME\) by .*; the process that is named/,
    );
    const other = explain(denialOf(['ptrace'], { target }, { process: { pid: 8 } }));
    expect(other.sentence).toMatch(/was refused to trace or inspect x \(pid 7\) by/);
  });

  it('does not take a process for the one inside that need not be', () => {
    const { sentence, unknown } = explain(denialOf(['fs.ioctl_dev'], { actor_certainty: 'may_be_outside' }));
    expect(sentence).toMatch(/; the process that is named need not be inside it\.$/);
    expect(unknown[0]).toMatch(/^Whether the process that is named is in the sandbox/);
    const absent = explain(denialOf(['ptrace'], { actor_certainty: 'absent' }));
    expect(absent.actor).toBe('A process that the records do not name');
    expect(absent.unknown[0]).toMatch(/^Which process it was/);
  });

  it.each(['/etc/shadow', '/root/.ssh', '/home/eve/.ssh/id_rsa', '/proc/12/environ', '/home/eve/.aws/credentials'])(
    'does not advise to allow %s first of all',
    (path) => {
      const { causes } = explain(denialOf(['fs.read_file'], {}, { file: { path } }));
      expect(causes.map((cause) => cause.do).join()).toContain('do not allow it');
      expect(causes.filter(({ sure, do: remedy }) => sure === 'likely' && remedy.startsWith('give '))).toEqual([]);
    },
  );

  it.each([
    [denialOf(['fs.write_file'], {}, { file: { path: '/tmp/x' } }), /TMPDIR/],
    [
      denialOf(
        ['fs.ioctl_dev'],
        { object: { kind: 'device', ioctl_command: '0x5401' } },
        { file: { path: '/dev/tty' } },
      ),
      /quiet rule/,
    ],
    [denialOf(['fs.read_file'], {}, { file: { path: '/usr/lib/python3.11/os.py' } }), /above the version: \/usr\/lib$/],
    [denialOf(['net.connect_tcp'], {}, { destination: { ip: '::1', port: 443 } }), /port 443 \(HTTPS\)/],
    [denialOf(['net.bind_udp']), /for port 0$/],
    [
      denialOf(['fs.read_file'], {}, { file: { path: '/srv/app/x' }, process: { working_directory: '/srv/app' } }),
      /the directory \/srv\/app as one/,
    ],
    [
      denialOf(['scope.abstract_unix_socket'], { object: { kind: 's', name: '@/tmp/.X11-unix/X0' } }),
      /try the socket with a path next/,
    ],
    [denialOf(['ptrace'], {}, { syscall: { name: 'ptrace', number: 101 } }), /start the debugger/],
  ])('finds the usual cause', (denial, remedy) => {
    expect(explain(denial).causes.some((cause) => cause.sure !== 'unlikely' && remedy.test(cause.do))).toBe(true);
  });

  it('exists for any denial, and lets nothing through that a terminal would obey', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const evil = fc.oneof(text, fc.constantFrom('\u001b[2J', 'a\nb', '\u202e', '/tmp/\u0007', ''));
    const any = fc.record({
      blockers: fc.array(fc.oneof(evil, fc.constantFrom(...BLOCKERS.map(({ name }) => name))), {
        minLength: 1,
        maxLength: 3,
      }),
      path: evil,
      name: evil,
      object: evil,
      directory: evil,
      certainty: fc.constantFrom('certain', 'may_be_outside', 'absent') as fc.Arbitrary<
        Denial['landlock']['actor_certainty']
      >,
    });
    fc.assert(
      fc.property(any, ({ blockers, path, name, object, directory, certainty }) => {
        const denial = denialOf(
          blockers,
          {
            actor_certainty: certainty,
            object: {
              kind: 'x',
              name: object,
              ioctl_command: object,
              namespace: { type: object },
              entries: [{ name }],
            },
            target: { process: { name } },
            unknown_fields: [{ record: 'LANDLOCK_ACCESS', name, value: object }],
          },
          { file: { path, name }, process: { name, executable: path, working_directory: directory } },
        );
        const explanation = explain(denial, { creator: { executable: name }, userName: object });
        for (const of of textsOf(explanation)) expect(of).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u);
      }),
      { numRuns: 2_000 },
    );
  });
});
