import type { LoggingConfiguration } from '@/api/types';
import { Button } from '@/parts/Button';
import { tell } from '@/parts/toast';

interface ExpressLogsProps {
  executionArn: string;
  machineName: string;
  logging: LoggingConfiguration | undefined;
}

const levels = { ALL: 'every event', ERROR: 'what failed, timed out or was aborted', FATAL: 'only that an execution failed, timed out or was aborted', OFF: 'nothing' } as const;

/** "arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*" */
function groupOf(logging: LoggingConfiguration | undefined): string | undefined {
  return logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn?.split(':')[6];
}

/** Where what an Express execution did can be read: it is in no history. docs/logging.md */
export function ExpressLogs({ executionArn, machineName, logging }: ExpressLogsProps) {
  const level = logging?.level ?? 'OFF';
  const group = groupOf(logging);
  if (level === 'OFF' || !group) {
    return (
      <p>
        Nothing was logged: the logging level of this state machine is <span className="mono">OFF</span>. With a <span className="mono">loggingConfiguration</span> of level <span className="mono">ALL</span> its later executions log every
        event.
      </p>
    );
  }
  const stream = `states/${machineName.replace(/[^A-Za-z0-9_-]/g, '_')}`;
  const command = `grep -rhF '"${executionArn}"' DATA/logs/${group.replace(/^\/+/, '')}/${stream}/`;
  return (
    <>
      <dl className="facts">
        <div>
          <dt>Log group</dt>
          <dd className="mono">{group}</dd>
        </div>
        <div>
          <dt>Log streams</dt>
          <dd className="mono">{stream}/YYYY-MM-DD-HH</dd>
        </div>
        <div>
          <dt>Level</dt>
          <dd>
            <span className="mono">{level}</span>: {levels[level]}
            {logging?.includeExecutionData ? '' : ', without inputs and outputs'}
          </dd>
        </div>
      </dl>
      <p className="soft">
        Unless the server is told to send them elsewhere, log groups are folders where it keeps its data (<span className="mono">DATA</span>), with one record a line:
      </p>
      <div className="json-view">
        <div className="json-tools">
          <Button look="quiet" isSmall icon="copy" aria-label="Copy the command" onClick={() => void navigator.clipboard?.writeText(command).then(() => tell('Copied'))} />
        </div>
        <pre className="code wrap" tabIndex={0} aria-label="Command that finds its records">
          {command}
        </pre>
      </div>
    </>
  );
}
