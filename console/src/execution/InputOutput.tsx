import { useMemo } from 'react';

import { qualifierOf } from '@/api/arn';
import type { Execution, HistoryEvent } from '@/api/types';
import type { Run } from '@/history/run';
import { JsonView } from '@/parts/JsonView';
import { Notice } from '@/parts/Notice';
import { dateText } from '@/parts/time';

interface InputOutputProps {
  execution: Execution;
  events: HistoryEvent[];
  role: string | undefined;
  run: Run;
}

function transitions(events: HistoryEvent[]): number {
  return events.filter((event) => event.type.endsWith('StateEntered')).length;
}

function Facts({ execution, events, role }: Omit<InputOutputProps, 'run'>) {
  const startedBy = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn;
  const count = useMemo(() => transitions(events), [events]);
  const facts: [title: string, value: string | undefined, isLong?: boolean][] = [
    ['Started', dateText(execution.startDate)],
    ['Ended', execution.stopDate === undefined ? undefined : dateText(execution.stopDate)],
    ['State transitions', count.toLocaleString('en')],
    ['Redriven', execution.redriveCount && execution.redriveDate ? `${execution.redriveCount}×, last ${dateText(execution.redriveDate)}` : undefined],
    [execution.stateMachineAliasArn ? 'Alias' : 'Version', startedBy && qualifierOf(startedBy)],
    ['Trace', execution.traceHeader, true],
    ['Role', role, true],
    ['ARN', execution.executionArn, true],
  ];
  return (
    <dl className="facts" aria-label="Facts">
      {facts.map(
        ([title, value, isLong]) =>
          value && (
            <div key={title}>
              <dt>{title}</dt>
              <dd className={isLong ? 'mono' : 'nums'}>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** What the execution got, and what it gave; and what else is known of it. */
export function InputOutput({ execution, events, role, run }: InputOutputProps) {
  return (
    <div className="stack">
      <Facts execution={execution} events={events} role={role} />
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
