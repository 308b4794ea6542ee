import type { DragEvent } from 'react';

import { stateTypes, type StateType } from '@/asl/definition';
import { kindIcons } from '@/graph/looks';
import { Icon } from '@/parts/Icon';

export const addFormat = 'application/x-gait-type';

const words: Record<StateType, string> = {
  Task: 'Calls something',
  Pass: 'Shapes data',
  Choice: 'Decides',
  Wait: 'Lets time pass',
  Succeed: 'Ends well',
  Fail: 'Ends with an error',
  Parallel: 'Branches side by side',
  Map: 'Goes over items',
};

function begin(event: DragEvent, type: StateType): void {
  event.dataTransfer.setData(addFormat, type);
  event.dataTransfer.effectAllowed = 'copy';
}

/** The kinds of states: drag one onto the canvas, or press it to add it after the selected state. */
export function Palette({ onAdd }: { onAdd: (type: StateType) => void }) {
  return (
    <section className="card pane palette" aria-label="States to add">
      {stateTypes.map((type) => (
        <button key={type} type="button" className="palette-item" draggable onDragStart={(event) => begin(event, type)} onClick={() => onAdd(type)} data-type={type}>
          <span className="state-icon">
            <Icon name={kindIcons[type]} />
          </span>
          <span>
            <span className="palette-name">{type}</span>
            <span className="faint palette-words">{words[type]}</span>
          </span>
        </button>
      ))}
    </section>
  );
}
