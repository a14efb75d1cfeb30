import { describe, expect, it } from 'vitest';
import { decodeText, TEST_HOST } from '../support/decode-text.ts';

const STAMP = 'msg=audit(1772359200.268:31)';

function documentOf(body: string): unknown {
  return decodeText(`type=LANDLOCK_DOMAIN ${STAMP}: ${body}`).documents[0];
}

const HEAD = {
  '@timestamp': '2026-03-01T10:00:00.268Z',
  event: { id: expect.stringMatching(/^[a-z2-7]{26}$/), sequence: 31 },
  host: TEST_HOST,
};

describe('an allocation', () => {
  it('names its creator', () => {
    expect(
      documentOf('domain=1af status=allocated mode=enforcing pid=115 uid=0 exe="/bin/lab" comm=776520C3A9'),
    ).toEqual({
      kind: 'domain-allocated',
      ...HEAD,
      landlock: {
        domain: { id: '1af', mode: 'enforcing', creator: { pid: 115, uid: 0, executable: '/bin/lab', name: 'we é' } },
      },
    });
  });

  it('leaves out an executable that there was not, and keeps modes and fields to come', () => {
    const body = 'domain=1af status=allocated mode=permissive parent=1ae pid=1 uid=4294967295 exe="(null)" comm="x"';
    expect(documentOf(body)).toEqual({
      kind: 'domain-allocated',
      ...HEAD,
      landlock: {
        domain: { id: '1af', mode: 'permissive', creator: { pid: 1, name: 'x' } },
        unknown_fields: [{ record: 'LANDLOCK_DOMAIN', name: 'parent', value: '1ae' }],
      },
    });
  });
});

describe('a deallocation', () => {
  it('counts the denials', () => {
    expect(documentOf('domain=1af status=deallocated denials=4000')).toEqual({
      kind: 'domain-deallocated',
      ...HEAD,
      landlock: { domain: { id: '1af', denials: 4000 } },
    });
  });

  it('counts more than JavaScript can, as text', () => {
    expect(documentOf('domain=1af status=deallocated denials=18446744073709551615')).toMatchObject({
      landlock: { domain: { denials: '18446744073709551615' } },
    });
  });
});

it.each([
  'status=allocated',
  'domain=1',
  'domain=1 status=frozen',
  'domain=1 status=deallocated denials=x',
  'domain=1 exe="',
])('is malformed: %s', (body) => {
  expect(documentOf(body)).toMatchObject({ kind: 'malformed', text: `type=LANDLOCK_DOMAIN ${STAMP}: ${body}` });
});
