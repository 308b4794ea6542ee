/** Short words about what was done, or was not. */
import { useSyncExternalStore } from 'react';

interface Toast {
  id: number;
  tone: 'succeeded' | 'failed';
  text: string;
}

let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: Toast[]): void {
  toasts = next;
  listeners.forEach((listener) => listener());
}

export function tell(text: string, tone: Toast['tone'] = 'succeeded'): void {
  const id = ++last;
  change([...toasts, { id, tone, text }].slice(-4));
  setTimeout(() => change(toasts.filter((toast) => toast.id !== id)), tone === 'failed' ? 9000 : 4000);
}

export function tellError(error: unknown): void {
  tell(error instanceof Error ? `${error.name}: ${error.message}` : String(error), 'failed');
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={`toast tone-${toast.tone}`}>
          <span className="dot" />
          <span>{toast.text}</span>
        </div>
      ))}
    </div>
  );
}
