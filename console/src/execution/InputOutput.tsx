import type { Execution } from '@/api/types';
import type { Run } from '@/history/run';
import { JsonView } from '@/parts/JsonView';
import { Notice } from '@/parts/Notice';

/** What the execution got, and what it gave. */
export function InputOutput({ execution, run }: { execution: Execution; run: Run }) {
  return (
    <div className="stack">
      <div className="field">
        <span>Input</span>
        <JsonView text={execution.input} name="Input" />
      </div>
      {execution.output !== undefined && (
        <div className="field">
          <span>Output</span>
          <JsonView text={execution.output} name="Output" />
        </div>
      )}
      {execution.error !== undefined && (
        <Notice tone="failed" title={execution.error}>
          {execution.cause && <pre>{execution.cause}</pre>}
        </Notice>
      )}
      {run.endedAt === undefined && <p className="faint">The output comes when the execution has ended.</p>}
    </div>
  );
}
