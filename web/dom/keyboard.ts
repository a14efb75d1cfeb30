// Keys that work everywhere on the page. They can be turned off, because someone who speaks to the machine, or hits keys
// by accident, would be carried about by them.
import { keep, readKept } from './kept.ts';

const KEY = 'trespass-keys';
/** After `g` the letter of a page is awaited so long. */
const GO_MS = 1_500;

export interface KeyActions {
  /** A letter after `g`; false: no page has it. */
  go(letter: string): boolean;
  search(): void;
  help(): void;
  /** -1: upwards, towards what is newer. */
  moveRow(step: 1 | -1): void;
  /** -1: the one before, in the open drawer or in time. */
  beside(step: 1 | -1): void;
}

export function hasKeys(): boolean {
  return readKept(KEY) !== 'off';
}

export function chooseKeys(isOn: boolean): void {
  keep(KEY, isOn ? 'on' : 'off');
}

export function listenToKeys(actions: KeyActions): void {
  let goUntilMs = 0;
  document.addEventListener('keydown', (event) => {
    if (
      !hasKeys() ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.defaultPrevented ||
      isTyping(event.target)
    ) {
      return;
    }
    const isGoing = performance.now() < goUntilMs;
    goUntilMs = 0;
    // Behind an open dialog nothing may move, but its neighbours can be had.
    const isModal = document.querySelector('dialog[open]') !== null;
    if (isGoing && !isModal && actions.go(event.key)) {
      event.preventDefault();
      return;
    }
    if (event.key === 'g' && !isModal) {
      goUntilMs = performance.now() + GO_MS;
      return;
    }
    const action = actionOf(event.key, actions, isModal);
    if (action !== undefined) {
      event.preventDefault();
      action();
    }
  });
}

function actionOf(key: string, actions: KeyActions, isModal: boolean): (() => void) | undefined {
  switch (key) {
    case '[':
      return () => actions.beside(-1);
    case ']':
      return () => actions.beside(1);
    default:
      break;
  }
  if (isModal) {
    return undefined;
  }
  switch (key) {
    case '/':
      return () => actions.search();
    case '?':
      return () => actions.help();
    case 'j':
      return () => actions.moveRow(1);
    case 'k':
      return () => actions.moveRow(-1);
    default:
      return undefined;
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select') !== null;
}
