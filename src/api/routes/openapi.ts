// GET /openapi.json: the contract as a document.
import Type from 'typebox';
import type { App } from '../deps.ts';
import { problemAnswers } from './shared.ts';

export function registerOpenApi(app: App): void {
  let document: object = {};
  app.addHook('onReady', async () => {
    document = app.swagger();
  });
  app.get(
    '/api/v1/openapi.json',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'This document',
        tags: ['status'],
        response: { 200: Type.Object({}, { description: 'OpenAPI 3.1' }), ...problemAnswers(401, 403) },
      },
    },
    async () => document,
  );
}
