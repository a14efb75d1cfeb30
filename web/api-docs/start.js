// Shows the server's own OpenAPI document. Nothing is asked of any other server, and only reading can be tried out.
window.SwaggerUIBundle({
  dom_id: '#api',
  url: '/api/v1/openapi.json',
  validatorUrl: null,
  supportedSubmitMethods: ['get'],
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
});
