// Small documents for tests that need some, whatever they say.
import type { Denial } from '../../src/landlock/document.ts';
import { eventId } from '../../src/landlock/event-id.ts';

const BOOT = '11111111-2222-3333-4444-555555555555';

/** The `n`th denial of a host: one second apart, each with a path of its own. */
export function sampleDenial(n: number, fields: { readonly path?: string; readonly host?: string } = {}): Denial {
  const host = fields.host ?? 'web-1';
  return {
    kind: 'denial',
    '@timestamp': new Date(Date.UTC(2026, 2, 1, 10, 0, n)).toISOString(),
    event: {
      id: eventId(`id-of-${host}`, BOOT, `${Date.UTC(2026, 2, 1, 10) / 1_000 + n}.000`, n, 0),
      sequence: n,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: ['intrusion_detection', 'file'],
      type: ['denied'],
      reason: 'sh was refused to write to a file',
    },
    host: { id: `id-of-${host}`, name: host, boot: { id: BOOT } },
    landlock: {
      domain: { id: '195ba459b' },
      blockers: ['fs.write_file'],
      object: { kind: 'file' },
      actor_certainty: 'certain',
    },
    file: { path: fields.path ?? `/srv/file-${n}` },
    process: { pid: 100 + n, name: 'sh', executable: '/usr/bin/sh' },
  };
}
