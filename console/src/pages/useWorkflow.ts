import { useMemo, useRef } from 'react';

import { readWorkflow, type Workflow } from '@/asl/definition';
import { graphOf, type Graph } from '@/asl/graph';

export interface ReadWorkflow {
  workflow: Workflow | undefined;
  graph: Graph | undefined;
  /** The text is no definition now: what is given is the last one that was. */
  isStale: boolean;
}

/** The workflow of a text that is being written: while it is not one, the last that it was. */
export function useWorkflow(text: string): ReadWorkflow {
  const last = useRef<{ workflow: Workflow; graph: Graph; key: string }>(undefined);
  return useMemo(() => {
    const workflow = readWorkflow(text);
    if (workflow) {
      const graph = graphOf(workflow);
      const key = JSON.stringify(graph);
      last.current = { workflow, graph: last.current?.key === key ? last.current.graph : graph, key };
    }
    return { workflow: last.current?.workflow, graph: last.current?.graph, isStale: !workflow };
  }, [text]);
}
