// The start of the page: theme first, then the application.
import { startApplication } from './application.ts';
import { applyTheme } from './dom/theme.ts';

applyTheme();
if (document.readyState === 'loading') {
  document.addEventListener('DOMContentLoaded', startApplication);
} else {
  startApplication();
}
