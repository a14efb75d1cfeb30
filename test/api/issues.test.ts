// Issues over the API: found, read, changed, and who may.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testDenial } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;

beforeEach(async () => {
  app = await createTestApp();
});

afterEach(async () => {
  await app.close();
});

interface Issue {
  readonly id: string;
  readonly status: string;
  readonly note?: string;
  readonly trend?: { readonly points: readonly number[] };
}

async function issues(query = ''): Promise<readonly Issue[]> {
  const response = await app.api.inject({ url: `/api/v1/issues${query}` });
  expect(response.statusCode).toBe(200);
  return response.json<{ data: readonly Issue[] }>().data;
}

describe('/issues', () => {
  it('lists the issue of what was stored, and shows it with its denials', async () => {
    const doc = testDenial(1);
    app.deps.writer.write([{ doc }], app.deps.now());
    const [issue] = await issues('?sort=hosts&status=open');
    const one = await app.api.inject({ url: `/api/v1/issues/${issue?.id}` });
    expect(one.json()).toMatchObject({
      id: issue?.id,
      denials: 1,
      hosts: 1,
      samples: [{ event: { id: doc.event.id } }],
    });
    const denial = await app.api.inject({ url: `/api/v1/denials/${doc.event.id}` });
    expect(denial.json()).toMatchObject({ issue: issue?.id });
    const [withTrend] = await issues('?trend=true');
    expect(withTrend?.trend?.points.at(-1)).toBe(1);
    expect((await app.api.inject({ url: '/api/v1/issues/nothing' })).statusCode).toBe(404);
    expect((await app.api.inject({ url: '/api/v1/issues?sort=nothing' })).statusCode).toBe(400);
  });

  it('is resolved by who may write, and regresses when it comes back', async () => {
    app.deps.writer.write([{ doc: testDenial(1) }], app.deps.now());
    const [issue] = await issues();
    const url = `/api/v1/issues/${issue?.id}`;
    const patch = (payload: object) => app.api.inject({ method: 'PATCH', url, payload });
    const changed = await patch({ status: 'resolved', note: 'mended' });
    expect([changed.statusCode, changed.json()]).toMatchObject([200, { status: 'resolved', note: 'mended' }]);
    expect((await patch({ status: 'regressed' })).statusCode).toBe(400);
    expect((await patch({})).statusCode).toBe(400);
    expect(await issues('?status=open')).toEqual([]);
    const later = new Date(app.deps.now() + 60_000).toISOString();
    app.deps.writer.write([{ doc: { ...testDenial(2), '@timestamp': later } }], app.deps.now());
    expect(await issues()).toMatchObject([{ id: issue?.id, status: 'regressed', note: 'mended' }]);
  });
});

describe('a note', () => {
  it('is kept to the letter, and refused where it has half a character', async () => {
    app.deps.writer.write([{ doc: testDenial(1) }], app.deps.now());
    const [issue] = await issues();
    const patch = (payload: object) => app.api.inject({ method: 'PATCH', url: `/api/v1/issues/${issue?.id}`, payload });
    const note = 'a\u0000b \u{1f600} \u202e <b>"; DROP';
    expect((await patch({ note, assignee: '=ann' })).json()).toMatchObject({ note, assignee: '=ann' });
    for (const change of [{ note: 'x\ud83d' }, { assignee: '\ude00x' }]) {
      const refused = await patch(change);
      const [member] = Object.keys(change);
      expect([refused.statusCode, refused.json().detail]).toEqual([400, `body/${member} is not well-formed Unicode`]);
    }
    expect(await issues()).toMatchObject([{ note, assignee: '=ann' }]);
  });
});

describe('If-Match', () => {
  it('lets a change through only where nobody has changed the issue since it was read', async () => {
    app.deps.writer.write([{ doc: testDenial(1) }], app.deps.now());
    const [issue] = await issues();
    const url = `/api/v1/issues/${issue?.id}`;
    const etag = String((await app.api.inject({ url })).headers.etag);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const patch = (payload: object, tag: string) =>
      app.api.inject({ method: 'PATCH', url, payload, headers: { 'if-match': tag } });
    // Counts are no change.
    app.deps.writer.write([{ doc: testDenial(2) }], app.deps.now());
    const first = await patch({ note: 'mine' }, etag);
    expect(first.statusCode).toBe(200);
    const second = await patch({ note: 'theirs' }, etag);
    expect([second.statusCode, second.json()]).toMatchObject([
      412,
      { type: 'urn:trespass:problem:precondition-failed', hint: expect.stringContaining('ETag') },
    ]);
    const read = await app.api.inject({ url });
    expect([read.json().note, read.headers.etag]).toEqual(['mine', first.headers.etag]);
    for (const [tag, status] of [
      [`"other", ${String(read.headers.etag)}`, 200],
      ['*', 200],
      ['W/"x"', 412],
      ['nonsense', 412],
      ['', 412],
    ] as const) {
      expect([tag, (await patch({ assignee: 'ann' }, tag)).statusCode]).toEqual([tag, status]);
    }
  });

  it('notices an issue that came back', async () => {
    app.deps.writer.write([{ doc: testDenial(1) }], app.deps.now());
    const [issue] = await issues();
    const url = `/api/v1/issues/${issue?.id}`;
    const resolved = await app.api.inject({ method: 'PATCH', url, payload: { status: 'resolved' } });
    const later = new Date(app.deps.now() + 60_000).toISOString();
    app.deps.writer.write([{ doc: { ...testDenial(2), '@timestamp': later } }], app.deps.now());
    const headers = { 'if-match': String(resolved.headers.etag) };
    const archived = await app.api.inject({ method: 'PATCH', url, payload: { status: 'archived' }, headers });
    expect(archived.statusCode).toBe(412);
  });
});
