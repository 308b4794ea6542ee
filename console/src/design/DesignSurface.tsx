import { useEffect, useState, type DragEvent } from 'react';

import type { MachineType } from '@/api/types';
import { printWorkflow, stateTypes, type Workflow } from '@/asl/definition';
import { addState, connectStates, moveState, removeState, stateNamed, type Change, type Place } from '@/asl/edit';
import { innerWorkflows } from '@/asl/definition';
import { moveFormat } from '@/graph/StateNode';
import { WorkflowGraph } from '@/graph/WorkflowGraph';
import { useDiagnostics } from '@/pages/DefinitionEditor';
import { useWorkflow } from '@/pages/useWorkflow';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Inspector } from './Inspector';
import { addFormat, Palette } from './Palette';
import { useHistory } from './useHistory';

interface DesignSurfaceProps {
  text: string;
  onChange: (text: string) => void;
  type: MachineType;
}

/** Where something was let go: on a transition, a container, a state, or the empty canvas. */
function placeOf(workflow: Workflow, target: { node?: string; edge?: string }): Place {
  if (target.edge !== undefined) {
    return { edge: target.edge };
  }
  const state = target.node === undefined ? undefined : stateNamed(workflow, target.node);
  if (target.node === undefined || !state) {
    return 'end';
  }
  return innerWorkflows(state).length || state.Type === 'Map' || state.Type === 'Parallel' ? { inside: target.node } : { after: target.node };
}

/** A workflow built by hand: states from the palette, the canvas, and a form for the selected state. */
export function DesignSurface({ text, onChange, type }: DesignSurfaceProps) {
  const { workflow, graph, isStale } = useWorkflow(text);
  const { change, undo, redo, canUndo, canRedo } = useHistory(text, onChange);
  const diagnostics = useDiagnostics(text, type);
  const [selected, setSelected] = useState<string>();
  const apply = (made: Change): void => {
    change(printWorkflow(made.workflow));
    if (made.state !== undefined) {
      setSelected(made.state);
    }
  };
  const drop = (event: DragEvent, target: { node?: string; edge?: string }): void => {
    if (!workflow) {
      return;
    }
    const place = placeOf(workflow, target);
    const added = stateTypes.find((one) => one === event.dataTransfer.getData(addFormat));
    const moved = event.dataTransfer.getData(moveFormat);
    if (added) {
      apply(addState(workflow, added, place));
    } else if (moved) {
      apply(moveState(workflow, moved, place));
    }
  };
  const remove = (): void => {
    if (workflow && selected !== undefined) {
      apply(removeState(workflow, selected));
      setSelected(undefined);
    }
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, .editor');
      if (!isTyping && (event.key === 'Delete' || event.key === 'Backspace')) {
        remove();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  if (!workflow || !graph || isStale) {
    return (
      <div className="card">
        <Empty icon="machines" title="The text is no definition at this moment">
          <p>Mend it in Code, then it can be drawn again.</p>
        </Empty>
      </div>
    );
  }
  const state = selected === undefined ? undefined : stateNamed(workflow, selected);
  return (
    <div className="split design-split">
      <Palette onAdd={(added) => apply(addState(workflow, added, selected === undefined || !state ? 'end' : { after: selected }))} />
      <section className="card pane" aria-label="Canvas">
        <WorkflowGraph
          graph={graph}
          selected={selected}
          onSelect={setSelected}
          isEditable
          onConnect={(source, target) => apply(connectStates(workflow, source, target))}
          onDropOn={drop}
        >
          <div className="graph-tools">
            <Button isSmall icon="undoArrow" aria-label="Undo" disabled={!canUndo} onClick={undo} />
            <Button isSmall icon="redoArrow" aria-label="Redo" disabled={!canRedo} onClick={redo} />
            <Button isSmall icon="trash" aria-label="Remove the state" disabled={!state} onClick={remove} />
          </div>
        </WorkflowGraph>
      </section>
      <Inspector workflow={workflow} name={state ? selected : undefined} state={state} onApply={apply} onSelect={setSelected} diagnostics={diagnostics} />
    </div>
  );
}
