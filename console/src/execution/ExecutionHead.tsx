import { Link } from '@tanstack/react-router';
import { useState, type RefObject } from 'react';

import { machineArnOf, machineNameOf } from '@/api/arn';
import { call } from '@/api/aws';
import { prettyJson } from '@/api/json';
import { refresh } from '@/api/queries';
import type { Execution, HistoryEvent } from '@/api/types';
import type { Layout } from '@/graph/layout';
import type { GraphMarks } from '@/graph/marks';
import { graphPng, graphSvg } from '@/graph/svg';
import { Button } from '@/parts/Button';
import { Dialog } from '@/parts/Dialog';
import { Menu } from '@/parts/Menu';
import { ExecutionBadge } from '@/parts/Status';
import { saveBlob, saveText } from '@/parts/save';
import { dateText, durationText } from '@/parts/time';
import { tell, tellError } from '@/parts/toast';
import { StartDialog } from '@/pages/StartDialog';

interface ExecutionHeadProps {
  execution: Execution;
  events: HistoryEvent[];
  layout: RefObject<Layout | undefined>;
  marks: GraphMarks;
  now: number;
}

function StopDialog({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const [error, setError] = useState('');
  const [cause, setCause] = useState('');
  const stop = async (): Promise<void> => {
    try {
      await call('StopExecution', { executionArn: execution.executionArn, ...(error ? { error } : {}), ...(cause ? { cause } : {}) });
      tell('Stopped');
    } catch (refused) {
      tellError(refused);
    }
    onClose();
  };
  return (
    <Dialog
      title={`Stop ${execution.name}?`}
      onClose={onClose}
      onSubmit={() => void stop()}
      actions={
        <>
          <Button onClick={onClose}>Let it run</Button>
          <Button look="danger" type="submit" icon="stop">
            Stop
          </Button>
        </>
      }
    >
      <label className="field">
        <span>Error (optional)</span>
        <input className="input" maxLength={256} value={error} onChange={(event) => setError(event.target.value)} />
      </label>
      <label className="field">
        <span>Cause (optional)</span>
        <textarea className="textarea" rows={3} value={cause} onChange={(event) => setCause(event.target.value)} />
      </label>
    </Dialog>
  );
}

function ExportMenu({ execution, events, layout, marks }: Omit<ExecutionHeadProps, 'now'>) {
  const picture = (): string | undefined => (layout.current ? graphSvg(layout.current, marks) : undefined);
  const savePng = async (): Promise<void> => {
    const svg = picture();
    if (svg) {
      saveBlob(`${execution.name}.png`, await graphPng(svg));
    }
  };
  return (
    <Menu
      title="Export"
      icon="download"
      items={[
        { title: 'Graph as SVG', onSelect: () => saveText(`${execution.name}.svg`, picture() ?? '', 'image/svg+xml') },
        { title: 'Graph as PNG', onSelect: () => void savePng().catch(tellError) },
        { title: 'History as JSON', onSelect: () => saveText(`${execution.name}.json`, JSON.stringify({ execution, events }, null, 2), 'application/json') },
      ]}
    />
  );
}

function Actions(props: ExecutionHeadProps) {
  const { execution } = props;
  const [isStopping, setStopping] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const redrive = async (): Promise<void> => {
    try {
      await call('RedriveExecution', { executionArn: execution.executionArn });
      await refresh('definition-of', execution.executionArn);
      tell('Redriven');
    } catch (error) {
      tellError(error);
    }
  };
  const machineArn = execution.stateMachineAliasArn ?? execution.stateMachineVersionArn ?? execution.stateMachineArn;
  return (
    <div className="page-actions">
      <ExportMenu {...props} />
      {!execution.mapRunArn && (
        <Button icon="plus" onClick={() => setStarting(true)}>
          Start again
        </Button>
      )}
      {execution.status !== 'RUNNING' && execution.status !== 'SUCCEEDED' && (
        <Button icon="redo" disabled={execution.redriveStatus === 'NOT_REDRIVABLE'} title={execution.redriveStatusReason ?? 'Go on from where it failed'} onClick={() => void redrive()}>
          Redrive
        </Button>
      )}
      {execution.status === 'RUNNING' && (
        <Button look="danger" icon="stop" onClick={() => setStopping(true)}>
          Stop
        </Button>
      )}
      {isStopping && <StopDialog execution={execution} onClose={() => setStopping(false)} />}
      {isStarting && (
        <StartDialog
          machine={{ stateMachineArn: machineArn, name: machineNameOf(machineArn), type: 'STANDARD' }}
          {...(execution.input === undefined ? {} : { firstInput: prettyJson(execution.input) })}
          onClose={() => setStarting(false)}
        />
      )}
    </div>
  );
}

/** Name, status, times, and what can be done. */
export function ExecutionHead(props: ExecutionHeadProps) {
  const { execution, now } = props;
  const end = execution.stopDate ?? now;
  return (
    <div className="page-head">
      <div className="page-title">
        <div className="crumbs">
          <Link to="/">State machines</Link> /
          <Link to="/machines/$arn" params={{ arn: machineArnOf(execution.stateMachineArn) }} className="cut">
            {machineNameOf(execution.stateMachineArn)}
          </Link>{' '}
          /
          {execution.mapRunArn && (
            <Link to="/map-runs/$arn" params={{ arn: execution.mapRunArn }}>
              Map run
            </Link>
          )}
        </div>
        <div className="row wrap">
          <h1>{execution.name}</h1>
          <ExecutionBadge status={execution.status} />
          <span className="soft nums">
            {dateText(execution.startDate)} · {durationText((end - execution.startDate) * 1000)}
            {execution.redriveCount ? ` · redriven ${execution.redriveCount}×` : ''}
          </span>
        </div>
      </div>
      <Actions {...props} />
    </div>
  );
}
