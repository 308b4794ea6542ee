import { useState } from 'react';

import { JsonView } from '@/parts/JsonView';
import type { Stage } from './stages';

/** The stages of a state's data, one below the other; those that change nothing are closed at first. */
export function Stages({ stages }: { stages: Stage[] }) {
  const [toggled, setToggled] = useState<ReadonlySet<number>>(new Set());
  return (
    <ol className="stages">
      {stages.map((stage, index) => {
        const isSame = index > 0 && stages[index - 1]?.text === stage.text;
        const isOpen = isSame === toggled.has(index);
        return (
          <li key={stage.title} className="stage">
            <button
              type="button"
              className="stage-head"
              aria-expanded={isOpen}
              onClick={() => {
                const next = new Set(toggled);
                next.has(index) ? next.delete(index) : next.add(index);
                setToggled(next);
              }}
            >
              <span className="dot" />
              <span className="grow">{stage.title}</span>
              {isSame && <span className="faint">unchanged</span>}
            </button>
            {isOpen && <JsonView text={stage.text} name={stage.title} />}
          </li>
        );
      })}
    </ol>
  );
}
