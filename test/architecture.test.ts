// The layout of the program, held as a test: who may import whom, where native code and SQL live, and how long a file
// may grow. A message says what to do.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Part of src → parts that it may import. `cli` may import everything. */
const MAY_IMPORT: ReadonlyMap<string, readonly string[]> = new Map([
  ['audit', []],
  ['landlock', ['audit']],
  ['delivery', ['landlock']],
  ['store', ['landlock', 'delivery']],
  ['runtime', []],
  ['collector', ['audit', 'landlock', 'delivery', 'runtime']],
  ['api', ['landlock', 'delivery', 'store', 'runtime']],
  ['cli', ['audit', 'landlock', 'delivery', 'store', 'runtime', 'collector', 'api']],
]);

/** Parts without input, output or clock: they import no module of Node's but these. */
const PURE = new Map([
  ['audit', []],
  ['landlock', ['node:crypto', 'node:buffer']],
  ['delivery', ['node:crypto', 'node:buffer']],
]);

/** Package → the only parts of src that may import it. */
const PACKAGE_HOME = new Map([
  ['koffi', ['collector']],
  ['netlink', ['collector']],
  ['better-sqlite3', ['store']],
  ['fastify', ['api']],
  ['pino', ['runtime', 'collector', 'api', 'cli']],
  ['smol-toml', ['runtime']],
]);

const FILE_LINES_MAX = 350;
/** The kernel's own words, or nothing's. */
const FORBIDDEN_FOLDERS = ['domain', 'model', 'models', 'event', 'layer', 'rule', 'common', 'utils', 'util', 'helpers'];

interface SourceFile {
  readonly path: string;
  readonly part: string;
  readonly text: string;
  readonly imports: readonly string[];
  /** Those that exist when the program runs; the others are only types. */
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name === 'node_modules' ? [] : listFiles(path);
    }
    return [path];
  });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import '([^']+)'/g,
    ),
  ];
  const specifierOf = (match: RegExpExecArray) => match[1] ?? match[2] ?? match[3] ?? '';
  return {
    path,
    part: path.split('/')[1] ?? '',
    text,
    imports: imports.map(specifierOf),
  };
}

const sources = listFiles('src')
  .filter((path) => path.endsWith('.ts'))
  .map(readSource);

/** The path below the project of a relative import. */
function targetOf(file: SourceFile, specifier: string): string {
  return normalize(join(dirname(file.path), specifier));
}

/** `src/part/folder` of a file that is in a folder of its part. */
function folderOf(path: string): string | undefined {
  const [src, part, folder, ...rest] = path.split('/');
  return src === 'src' && rest.length > 0 ? `${src}/${part}/${folder}` : undefined;
}

/** `@scope/name` or `name` of an import of a package; undefined for our own files and Node's. */
function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) {
    return undefined;
  }
  const [first, second] = specifier.split('/');
  return first?.startsWith('@') ? `${first}/${second}` : first;
}

describe('the parts of src', () => {
  it('are the known ones', () => {
    const parts = new Set(sources.map(({ part }) => part));
    expect([...parts].filter((part) => !MAY_IMPORT.has(part))).toEqual([]);
  });

  it('import only what the table allows', () => {
    const offences = sources.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => {
          const part = target.split('/')[1] ?? '';
          const isOutside = !target.startsWith('src/') && target !== 'package.json';
          return isOutside || (part !== file.part && !MAY_IMPORT.get(file.part)?.includes(part));
        })
        .map((target) => `${file.path} imports ${target}: move the shared part down, or pass it in`),
    );
    expect(offences).toEqual([]);
  });

  it('have no cycles between files, not even of types', () => {
    const byPath = new Map(sources.map((file) => [file.path, file]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      const file = byPath.get(path);
      if (file === undefined || done.has(path)) {
        return;
      }
      for (const specifier of file.imports.filter((name) => name.startsWith('.'))) {
        visit(targetOf(file, specifier), [...trail, path]);
      }
      done.add(path);
    };
    for (const { path } of sources) {
      visit(path, []);
    }
    expect(cycles).toEqual([]);
  });

  it('have no cycles between the folders of a part', () => {
    const ways = new Map<string, Map<string, string>>();
    for (const file of sources) {
      for (const target of file.imports.filter((name) => name.startsWith('.')).map((name) => targetOf(file, name))) {
        const [from, to] = [folderOf(file.path), folderOf(target)];
        if (from === undefined || to === undefined || from === to) continue;
        ways.set(from, (ways.get(from) ?? new Map()).set(to, `${file.path} imports ${target}`));
      }
    }
    const reaches = (from: string, to: string, seen: Set<string>): boolean =>
      from === to ||
      [...(ways.get(from)?.keys() ?? [])].some((next) => !seen.has(next) && reaches(next, to, seen.add(next)));
    const offences = [...ways].flatMap(([from, targets]) =>
      [...targets].filter(([to]) => reaches(to, from, new Set())).map(([, example]) => example),
    );
    expect(offences).toEqual([]);
  });

  it('keep native code, SQL and the web framework where they belong', () => {
    const offences = sources.flatMap((file) =>
      file.imports
        .map(packageOf)
        .filter((name) => name !== undefined && PACKAGE_HOME.get(name)?.includes(file.part) === false)
        .map((name) => `${file.path} imports ${name}: only ${PACKAGE_HOME.get(name ?? '')?.join(', ')} may`),
    );
    expect(offences).toEqual([]);
  });

  it('do no input or output and read no clock where they are pure', () => {
    const offences = sources.flatMap((file) => {
      const allowed: readonly string[] | undefined = PURE.get(file.part);
      if (allowed === undefined) {
        return [];
      }
      const foreign = file.imports.filter((name) => !name.startsWith('.') && !allowed.includes(name));
      const clock =
        /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bprocess\.(?:env|argv|cwd|hrtime|stdin|stdout|stderr|on|exit|platform)\b|\bMath\.random\(/.exec(
          file.text,
        );
      return [...foreign, ...(clock === null ? [] : [clock[0]])].map(
        (what) => `${file.path} uses ${what}: pass the value in`,
      );
    });
    expect(offences).toEqual([]);
  });

  it('have SQL in store alone', () => {
    const statement =
      /\b(SELECT\s[\s\S]{1,200}\bFROM\b|INSERT\s+INTO|DELETE\s+FROM|CREATE\s+(TABLE|INDEX)|PRAGMA\s+\w)/;
    const offences = sources
      .filter(({ part, text }) => part !== 'store' && statement.test(withoutComments(text)))
      .map(({ path }) => `${path} holds SQL: give store a function for it`);
    expect(offences).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

const ownFiles = ['src', 'web', 'test', 'bench']
  .flatMap(listFiles)
  .filter((path) => !path.startsWith('test/fixtures/'));

describe('every file', () => {
  it('stays short enough to be read at once', () => {
    const offences = sources
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > FILE_LINES_MAX)
      .map(({ path, lines }) => `${path} has ${lines} lines: split it (at most ${FILE_LINES_MAX})`);
    expect(offences).toEqual([]);
  });

  it('starts with a comment that says what it is for', () => {
    const offences = sources
      .filter(({ text }) => !/^(#!.*\n)?(\/\/|\/\*)/.test(text))
      .map(({ path }) => `${path}: say in 2 to 6 lines what it is for and what it leaves to others`);
    expect(offences).toEqual([]);
  });

  it('has a kebab-case name in a folder whose name says something', () => {
    const offences = ownFiles.filter((path) => {
      const isOddName = path.endsWith('.ts') && !/^[a-z0-9-]+(\.(test|d|config|e2e))*\.ts$/.test(basename(path));
      return (
        isOddName ||
        dirname(path)
          .split('/')
          .some((folder) => FORBIDDEN_FOLDERS.includes(folder))
      );
    });
    expect(offences).toEqual([]);
  });

  it('has named exports of its own only: no default exports, no barrel files', () => {
    const offences = sources.flatMap(({ path, text }) => [
      ...(/^export default\b/m.test(text) ? [`${path} has a default export`] : []),
      ...(/^export (\*|\{[^}]*\}) from/m.test(text) ? [`${path} passes on exports of another file`] : []),
      ...(basename(path) === 'index.ts' ? [`${path}: name it after what it exports`] : []),
    ]);
    expect(offences).toEqual([]);
  });
});

describe('the page', () => {
  it('imports types of the API schemas only', () => {
    const offences = listFiles('web')
      .filter((path) => path.endsWith('.ts') && !path.includes('/dist/'))
      .flatMap((path) => {
        const text = readFileSync(join(root, path), 'utf8');
        return [...text.matchAll(/import\s+(type\s+)?[^'";]*?from\s+'(\.[^']+)'/g)]
          .filter(([, isType, specifier]) => {
            const target = relative(root, join(root, dirname(path), specifier ?? ''));
            return target.startsWith('src/') && !(isType && target.startsWith('src/api/schemas/'));
          })
          .map(([, , specifier]) => `${path} imports ${specifier}`);
      });
    expect(offences).toEqual([]);
  });
});

describe('tests', () => {
  it('mirror src: each folder below test is a part of src or has a purpose of its own', () => {
    const own = ['cli', 'e2e', 'fixtures', 'kernel', 'support', 'web'];
    const folders = readdirSync(join(root, 'test')).filter((name) => statSync(join(root, 'test', name)).isDirectory());
    expect(folders.filter((name) => !MAY_IMPORT.has(name) && !own.includes(name))).toEqual([]);
  });
});
