import { useMemo, useState } from 'react';

import type { MachineType } from '@/api/types';
import { findState, stateAt } from '@/asl/positions';
import { WorkflowGraph } from '@/graph/WorkflowGraph';
import { Empty } from '@/parts/Empty';
import { DefinitionEditor, useDiagnostics } from './DefinitionEditor';
import { useWorkflow } from './useWorkflow';

interface WorkbenchProps {
  text: string;
  onChange: (text: string) => void;
  type: MachineType;
}

/** The definition as text, and its graph beside it, in step. */
export function Workbench({ text, onChange, type }: WorkbenchProps) {
  const { graph, isStale } = useWorkflow(text);
  const diagnostics = useDiagnostics(text, type);
  const [selected, setSelected] = useState<string>();
  const [reveal, setReveal] = useState<{ from: number; to: number }>();
  const select = useMemo(
    () => (name: string | undefined) => {
      setSelected(name);
      if (name !== undefined) {
        setReveal(findState(text, name));
      }
    },
    [text],
  );
  return (
    <div className="split half">
      <section className="card pane" aria-label="Definition">
        <DefinitionEditor text={text} onChange={onChange} onCursor={(offset) => setSelected(stateAt(text, offset))} diagnostics={diagnostics} reveal={reveal} />
      </section>
      <section className="card pane" aria-label="Graph">
        {graph ? (
          <>
            {isStale && <div className="stale">The text is no definition at this moment: this is the last one that was.</div>}
            <WorkflowGraph graph={graph} selected={selected} onSelect={select} />
          </>
        ) : (
          <Empty icon="machines" title="Nothing to draw yet">
            <p>The graph appears here as soon as the text has States.</p>
          </Empty>
        )}
      </section>
    </div>
  );
}
