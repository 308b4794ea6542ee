import { useMemo } from 'react';

import type { HistoryEvent } from '@/api/types';
import type { Workflow } from '@/asl/definition';
import { buildRun, RunBuilder, type Run } from '@/history/run';

/** The run after the first `position` events; all of them when undefined. Grows with the history rather than anew. */
export function useRun(workflow: Workflow | undefined, events: HistoryEvent[], position: number | undefined): Run {
  const live = useMemo(() => ({ builder: new RunBuilder(workflow), count: 0 }), [workflow]);
  return useMemo(() => {
    if (position !== undefined) {
      return buildRun(workflow, events.slice(0, position));
    }
    if (events.length < live.count) {
      live.builder = new RunBuilder(workflow);
      live.count = 0;
    }
    live.builder.add(events.slice(live.count));
    live.count = events.length;
    return { ...live.builder.run }; // a new object, so that what is made of it is made again
  }, [workflow, events, position, live]);
}
