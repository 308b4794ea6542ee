import { useMemo, useState } from 'react';

import { prettyJson } from '@/api/json';
import { readWorkflow } from '@/asl/definition';
import { graphOf } from '@/asl/graph';
import { findState } from '@/asl/positions';
import { Editor } from '@/editor/Editor';
import { WorkflowGraph } from '@/graph/WorkflowGraph';

/** A definition to look at: its graph and its text. */
export function DefinitionTab({ definition }: { definition: string }) {
  const text = useMemo(() => prettyJson(definition), [definition]);
  const graph = useMemo(() => {
    const workflow = readWorkflow(definition);
    return workflow ? graphOf(workflow) : undefined;
  }, [definition]);
  const [selected, setSelected] = useState<string>();
  const reveal = useMemo(() => (selected === undefined ? undefined : findState(text, selected)), [selected, text]);
  return (
    <div className="split half tall">
      <section className="card pane" aria-label="Graph">
        {graph && <WorkflowGraph graph={graph} selected={selected} onSelect={setSelected} />}
      </section>
      <section className="card pane" aria-label="Text">
        <Editor label="Definition" value={text} reveal={reveal} />
      </section>
    </div>
  );
}
