import { executionStatuses, type ExecutionStatus, type StatusCounts } from '@/api/types';
import type { VisitStatus } from '@/history/run';

export type Tone = 'running' | 'succeeded' | 'failed' | 'caught' | 'aborted' | 'pending';

const executionLooks: Record<ExecutionStatus, [tone: Tone, words: string]> = {
  RUNNING: ['running', 'Running'],
  SUCCEEDED: ['succeeded', 'Succeeded'],
  FAILED: ['failed', 'Failed'],
  TIMED_OUT: ['caught', 'Timed out'],
  ABORTED: ['aborted', 'Aborted'],
  PENDING_REDRIVE: ['pending', 'Pending redrive'],
};

const visitLooks: Record<VisitStatus, [tone: Tone, words: string]> = {
  running: ['running', 'Running'],
  succeeded: ['succeeded', 'Succeeded'],
  failed: ['failed', 'Failed'],
  timedOut: ['failed', 'Timed out'],
  caught: ['caught', 'Caught error'],
  retrying: ['caught', 'Retrying'],
  aborted: ['aborted', 'Aborted'],
};

export function executionWords(status: ExecutionStatus): string {
  return executionLooks[status][1];
}

export function visitTone(status: VisitStatus): Tone {
  return visitLooks[status][0];
}

export function visitWords(status: VisitStatus): string {
  return visitLooks[status][1];
}

export function ExecutionBadge({ status }: { status: ExecutionStatus }) {
  const [tone, words] = executionLooks[status];
  return (
    <span className={`badge tone-${tone}`} data-status={status}>
      <span className="dot" />
      {words}
    </span>
  );
}

export function VisitBadge({ status }: { status: VisitStatus }) {
  const [tone, words] = visitLooks[status];
  return (
    <span className={`badge tone-${tone}`}>
      <span className="dot" />
      {words}
    </span>
  );
}

/** How many executions there are in each status; those that there are none of are left out. */
export function Counts({ counts }: { counts: StatusCounts | undefined }) {
  const shown = executionStatuses.filter((status) => (counts?.[status] ?? 0) > 0);
  if (!shown.length) {
    return <span className="faint">{counts ? 'None yet' : '–'}</span>;
  }
  return (
    <span className="counts">
      {shown.map((status) => (
        <span key={status} className={`count tone-${executionLooks[status][0]}`} title={executionLooks[status][1]}>
          <span className="dot" />
          {(counts?.[status] ?? 0).toLocaleString('en')}
          <span className="for-readers">{executionLooks[status][1]}</span>
        </span>
      ))}
    </span>
  );
}
