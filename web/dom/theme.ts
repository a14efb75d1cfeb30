// Light, dark, or as the system has it. The choice is kept on this device.

import { keep, readKept } from './kept.ts';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'trespass-theme';
const listeners = new Set<() => void>();

/** Sets the kept choice in force; call before the first paint. */
export function applyTheme(): void {
  const theme = currentTheme();
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  for (const listener of listeners) {
    listener();
  }
}

export function currentTheme(): Theme {
  const kept = readKept(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function chooseTheme(theme: Theme): void {
  keep(KEY, theme);
  applyTheme();
}

/** Calls `listener` whenever the colours may have changed, by choice or by the system. */
export function onThemeChange(listener: () => void): void {
  listeners.add(listener);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', listener);
}
