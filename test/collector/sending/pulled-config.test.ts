import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Leaving } from '../../../src/collector/sending/leaving.ts';
import { PulledConfig } from '../../../src/collector/sending/pulled-config.ts';
import { SpoolLevels } from '../../../src/collector/spool/spool-levels.ts';
import { denial } from '../../store/support/documents.ts';

const ETAG = '"0123456789abcdef"';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-pulled-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the configuration that a server wants', () => {
  it('C-CONFIG: makes a host tell less, never more, and holds at the next start', () => {
    const pulled = new PulledConfig(directory, 'full');
    expect([pulled.privacy, pulled.etag, pulled.heartbeatSeconds]).toEqual(['full', undefined, undefined]);
    expect(pulled.receive(ETAG, '{"privacy":"reduced","heartbeat_seconds":60,"newer":{}}')).toBe(true);
    const levels = (['full', 'reduced', 'aggregate'] as const).map((own) => new PulledConfig(directory, own).privacy);
    expect(levels).toEqual(['reduced', 'reduced', 'aggregate']);
    expect(new PulledConfig(directory, 'full')).toMatchObject({ etag: ETAG, heartbeatSeconds: 60 });
    pulled.receive(ETAG, '{"privacy":"full"}');
    expect([pulled.privacy, new PulledConfig(directory, 'reduced').privacy]).toEqual(['full', 'reduced']);
  });

  it('says what it took over, and refuses what it does not know or would tell more', () => {
    const wanted = '{"privacy":"full","heartbeat_seconds":4,"documents_per_second":100,"spy":1,"<b>":2}';
    const open = (own: 'full' | 'reduced') => {
      const pulled = new PulledConfig(directory, own);
      pulled.receive(ETAG, wanted);
      return pulled;
    };
    expect(open('reduced').report).toEqual({
      taken: { documents_per_second: 100 },
      refused: ['privacy', 'heartbeat_seconds', 'spy', 'other'],
    });
    expect(open('full').report).toEqual({
      taken: { privacy: 'full', documents_per_second: 100 },
      refused: ['heartbeat_seconds', 'spy', 'other'],
    });
    expect(new PulledConfig(directory, 'reduced').documentsPerSecond).toBe(100);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{"privacy":"none","heartbeat_seconds":0}',
    '{"privacy":{},"heartbeat_seconds":"9"}',
  ])('wants nothing where it is %s', (body) => {
    const pulled = new PulledConfig(directory, 'reduced');
    pulled.receive(ETAG, body);
    expect([pulled.privacy, pulled.heartbeatSeconds]).toEqual(['reduced', undefined]);
    expect(pulled.receive('W/"x"', '{"privacy":"aggregate"}')).toBe(false);
    writeFileSync(join(directory, 'agent-config.json'), body);
    expect(new PulledConfig(directory, 'full').privacy).toBe('full');
  });

  it('decides at once on what leaves the host', () => {
    const pulled = new PulledConfig(directory, 'full');
    const leaving = new Leaving({
      level: () => pulled.privacy,
      levels: new SpoolLevels(directory),
      isPackaged: () => false,
      directory,
      emit: () => {},
    });
    const doc = denial({ n: 1 });
    expect(leaving.leave(doc, 'raw')).toEqual({ doc, raw: 'raw' });
    pulled.receive(ETAG, '{"privacy":"reduced"}');
    const reduced = leaving.leave(doc, 'raw');
    expect(JSON.stringify(reduced)).not.toContain('name of host-1');
    expect(reduced).not.toHaveProperty('raw');
    pulled.receive(ETAG, '{"privacy":"aggregate"}');
    expect(leaving.leave(doc, 'raw')).toBeUndefined();
    leaving.stop();
  });
});
