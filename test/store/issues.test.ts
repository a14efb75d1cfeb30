import { describe, expect, it } from 'vitest';
import { EventWriter } from '../../src/store/event-writer.ts';
import { ISSUES_OF_GROUP_MAX } from '../../src/store/issue-register.ts';
import { audited, denial, T0 } from './support/documents.ts';
import { expectExactRollups } from './support/rollups.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

describe('the issues of stored denials', () => {
  it('are one for the same program, blockers and object, whatever the host, process and time', () => {
    const db = temporaryDatabase();
    const docs = [
      denial({ n: 1 }),
      denial({ n: 2, host: 'other', pid: 7, uid: '33', comm: 'x' }),
      denial({ n: 3, path: '/etc/shadow' }),
      denial({ n: 4, blockers: ['fs.write_file'] }),
      denial({ n: 5, program: '/usr/bin/other' }),
      denial({ n: 6, tags: ['canary'] }),
    ];
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    const issues = db.prepare('SELECT object_key AS path, is_canary AS canary, denials, hosts FROM issues ORDER BY id');
    expect(issues.all()).toEqual([
      { path: '/etc/passwd', canary: 0, denials: 2, hosts: 2 },
      { path: '/etc/shadow', canary: 0, denials: 1, hosts: 1 },
      { path: '/etc/passwd', canary: 0, denials: 1, hosts: 1 },
      { path: '/etc/passwd', canary: 0, denials: 1, hosts: 1 },
      { path: '/etc/passwd', canary: 1, denials: 1, hosts: 1 },
    ]);
    expectExactRollups(db);
  });

  it('of one program are gathered in one where they would be too many, also by a later writer', () => {
    const db = temporaryDatabase();
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const docs = Array.from(letters, (letter, n) => audited(denial({ n, path: `/${letter}${letter}` })));
    new EventWriter(db).write(
      docs.slice(0, 20).map((doc) => ({ doc })),
      T0,
    );
    new EventWriter(db).write(
      docs.slice(10).map((doc) => ({ doc })),
      T0,
    );
    const gathered = db.prepare("SELECT denials FROM issues WHERE object_detail = 'gathered'").all();
    expect(gathered).toEqual([{ denials: letters.length - ISSUES_OF_GROUP_MAX }]);
    expect(db.prepare('SELECT count(*) AS n FROM issues').get()).toEqual({ n: ISSUES_OF_GROUP_MAX + 1 });
    expectExactRollups(db);
  });

  it('cannot be broken by denials that claim to be gathered', () => {
    const db = temporaryDatabase();
    const claim = (n: number) => {
      const { file: _, ...doc } = denial({ n });
      const { landlock } = doc;
      return { doc: { ...doc, landlock: { ...landlock, object: { kind: 'file', ioctl_command: 'gathered' } } } };
    };
    const others = Array.from({ length: 20 }, (_, n) => ({ doc: denial({ n: n + 10, path: `/x${'y'.repeat(n)}` }) }));
    expect(new EventWriter(db).write([claim(1), ...others, claim(2)], T0).stored).toBe(22);
    expect(new EventWriter(db).write([claim(3)], T0).stored).toBe(1);
    expectExactRollups(db);
  });

  it('that were resolved have regressed when they come back, and not by what comes late', () => {
    const db = temporaryDatabase();
    const status = () => db.prepare<[], { status: string }>('SELECT status FROM issues').get()?.status;
    const writer = new EventWriter(db);
    writer.write([{ doc: denial({ n: 1 }) }], T0);
    db.prepare("UPDATE issues SET status = 'resolved', status_ms = ?").run(T0 + 100);
    writer.write([{ doc: denial({ n: 50 }) }], T0);
    expect(status()).toBe('resolved');
    writer.write([{ doc: denial({ n: 101 }) }], T0);
    expect(status()).toBe('regressed');
  });
});
