/** Lists that follow what happens: each change of an execution's status lets them ask again. */
import { useEffect } from 'react';

import { refresh } from './queries';
import { followStream, untilVisible } from './follow-stream';
import { getSession } from './session';

const pauseMs = 400; // many changes at once are one
const againMs = 3000;

async function follow(machine: string | undefined, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onChange = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void refresh('search');
      void refresh('counts');
    }, pauseMs);
  };
  while (!signal.aborted) {
    await untilVisible(signal);
    try {
      await followStream(machine ? { machine } : {}, signal, onChange);
    } catch {
      // The server may be starting again.
    }
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** Keeps lists and counts up to date while they are shown, where the server tells of changes. */
export function useExecutionChanges(machine?: string): void {
  useEffect(() => {
    if (!hasChanges()) {
      return undefined;
    }
    const control = new AbortController();
    void follow(machine, control.signal);
    return () => control.abort();
  }, [machine]);
}

export function hasChanges(): boolean {
  return getSession().paths.includes('events');
}
