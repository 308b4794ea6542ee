/** Light or dark; until somebody chooses, what the system prefers (public/theme.js sets it before the first paint). */
import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const listeners = new Set<() => void>();
const preference = matchMedia('(prefers-color-scheme: dark)');

export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'dark' || chosen === 'light' ? chosen : preference.matches ? 'dark' : 'light';
}

export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('gait.theme', theme);
  } catch {
    // Without storage the choice holds until the page is loaded again.
  }
  listeners.forEach((listener) => listener());
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    preference.addEventListener('change', listener);
    return () => {
      listeners.delete(listener);
      preference.removeEventListener('change', listener);
    };
  }, currentTheme);
}
