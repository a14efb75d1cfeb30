// The start of the page: theme first, then what the page will ask first, then the application.
import { startApplication } from './application.ts';
import { applyTheme } from './dom/theme.ts';
import { askEarly } from './net/api-client.ts';
import { firstQuestion } from './state/first-question.ts';
import { parseAddress } from './state/page-address.ts';

applyTheme();
const question = firstQuestion(parseAddress(location.pathname + location.search));
if (question !== undefined) {
  askEarly(...question);
}
startApplication();
