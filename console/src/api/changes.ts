/** Lists that follow what happens: each change of an execution's status lets them ask again. */
import { useEffect } from 'react';

import { refresh } from './queries';
import { followStream, untilVisible } from './follow-stream';
import { getSession } from './session';

const pauseMs = 400; // many changes at once are one
const againMs = 3000;

/** Asks again after each change, one time after the other: a question that is asked anew before it is answered never is. */
function refresher(signal: AbortSignal): () => void {
  let isBusy = false;
  let isDue = false;
  const refreshAll = async (): Promise<void> => {
    isBusy = true;
    while (isDue && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      isDue = false;
      await Promise.allSettled([refresh('search'), refresh('counts')]);
    }
    isBusy = false;
  };
  return () => {
    isDue = true;
    if (!isBusy) {
      void refreshAll();
    }
  };
}

async function follow(machine: string | undefined, signal: AbortSignal): Promise<void> {
  const onChange = refresher(signal);
  while (!signal.aborted) {
    await untilVisible(signal);
    try {
      // Once when it opens, too: what changed before is not told.
      await followStream(machine ? { machine } : {}, signal, onChange, onChange);
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
