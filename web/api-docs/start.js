// Shows the server's own OpenAPI document. Nothing is asked of any other server, and only reading can be tried out.
// As dark as the dashboard: by the choice that it keeps on this device, or as the system has it.
function isDark() {
  try {
    const kept = localStorage.getItem('trespass-theme');
    if (kept === 'light' || kept === 'dark') return kept === 'dark';
  } catch {
    // Storage may be forbidden.
  }
  return matchMedia('(prefers-color-scheme: dark)').matches;
}

document.documentElement.classList.toggle('dark-mode', isDark());
window.SwaggerUIBundle({
  dom_id: '#api',
  url: '/api/v1/openapi.json',
  validatorUrl: null,
  supportedSubmitMethods: ['get'],
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
});
