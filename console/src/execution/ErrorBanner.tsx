import { prettyJson } from '@/api/json';
import type { Execution } from '@/api/types';
import type { Run, Visit } from '@/history/run';
import { Button } from '@/parts/Button';

/** What went wrong, and where: the first thing to see of a failed execution. */
export function ErrorBanner({ execution, run, onShow }: { execution: Execution; run: Run; onShow: (visit: Visit) => void }) {
  const { status } = execution;
  if (status === 'RUNNING' || status === 'SUCCEEDED' || status === 'PENDING_REDRIVE') {
    return null;
  }
  const failing = run.failing;
  const error = execution.error ?? (status === 'TIMED_OUT' ? 'States.Timeout' : status === 'ABORTED' ? 'Aborted' : 'Failed');
  const tone = status === 'ABORTED' ? 'aborted' : 'failed';
  return (
    <div className={`notice banner tone-${tone}`} role="alert">
      <div className="grow">
        <strong>{error}</strong>
        {failing && <span className="soft"> in {failing.name}</span>}
        {execution.cause && <pre>{prettyJson(execution.cause)}</pre>}
      </div>
      {failing && (
        <Button isSmall onClick={() => onShow(failing)}>
          Show the state
        </Button>
      )}
    </div>
  );
}
