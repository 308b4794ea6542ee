import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import { executionNameOf, machineArnOfExecution, machineNameOf } from '@/api/arn';
import { call } from '@/api/aws';
import { prettyJson } from '@/api/json';
import { useMachine } from '@/api/queries';
import type { Execution } from '@/api/types';
import { ExpressLogs } from '@/execution/ExpressLogs';
import { Button } from '@/parts/Button';
import { JsonView } from '@/parts/JsonView';
import { Loading } from '@/parts/Loading';
import { Notice } from '@/parts/Notice';
import { ExecutionBadge } from '@/parts/Status';
import { dateText, durationText } from '@/parts/time';
import { DefinitionTab } from './DefinitionTab';
import { expressResult, type ExpressResult } from './express-results';
import { StartDialog } from './StartDialog';

type Known = ExpressResult | Execution;

/** What is known of it: the result that was waited for here, or what the server tells of a map run's child. */
function useKnown(arn: string): { known: Known | undefined; isPending: boolean } {
  const kept = expressResult(arn);
  const told = useQuery({ queryKey: ['express', arn], enabled: kept === undefined, retry: false, queryFn: ({ signal }) => call('DescribeExecution', { executionArn: arn }, signal) });
  return { known: kept ?? told.data, isPending: kept === undefined && told.isPending };
}

function billing(known: Known | undefined): string {
  const billed = known && 'billingDetails' in known ? known.billingDetails : undefined;
  return billed ? ` · billed ${durationText(billed.billedDurationInMilliseconds)} at ${billed.billedMemoryUsedInMB} MB` : '';
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
      </div>
      <div className="card-body stack">{children}</div>
    </section>
  );
}

function Head({ arn, known, onStart }: { arn: string; known: Known | undefined; onStart: (() => void) | undefined }) {
  const mapRunArn = known && 'mapRunArn' in known ? known.mapRunArn : undefined;
  return (
    <div className="page-head">
      <div className="page-title">
        <div className="crumbs">
          <Link to="/">State machines</Link> /
          <Link to="/machines/$arn" params={{ arn: machineArnOfExecution(arn) }} className="cut">
            {machineNameOf(arn)}
          </Link>{' '}
          /
          {mapRunArn && (
            <Link to="/map-runs/$arn" params={{ arn: mapRunArn }}>
              Map run
            </Link>
          )}
        </div>
        <div className="row wrap">
          <h1>{executionNameOf(arn)}</h1>
          {known && <ExecutionBadge status={known.status} />}
          <span className="soft nums">
            Express
            {known && ` · ${dateText(known.startDate)}`}
            {known?.stopDate !== undefined && ` · ${durationText((known.stopDate - known.startDate) * 1000)}`}
            {billing(known)}
          </span>
        </div>
      </div>
      {onStart && (
        <div className="page-actions">
          <Button icon="plus" onClick={onStart}>
            Start again
          </Button>
        </div>
      )}
    </div>
  );
}

/** An Express execution: what it got and gave where that is known, and where the rest is logged. */
export function ExpressExecutionPage({ arn }: { arn: string }) {
  const { known, isPending } = useKnown(arn);
  const machine = useMachine(machineArnOfExecution(arn));
  const [isStarting, setStarting] = useState(false);
  const isChild = known !== undefined && 'mapRunArn' in known && known.mapRunArn !== undefined;
  useEffect(() => {
    document.title = `${executionNameOf(arn)} · Gait`;
  }, [arn]);
  if (isPending || machine.isPending) {
    return (
      <div className="page">
        <Loading what="the execution" />
      </div>
    );
  }
  return (
    <div className="page">
      <Head arn={arn} known={known} onStart={machine.data && !isChild ? () => setStarting(true) : undefined} />
      {known?.error !== undefined && (
        <Notice tone="failed" title={known.error}>
          {known.cause && <pre>{prettyJson(known.cause)}</pre>}
        </Notice>
      )}
      {!known && (
        <Notice tone="aborted" title="The server keeps no Express executions">
          <div>The result went to whoever waited for it. One that was started asynchronously leaves nothing but its logs: where they are is told below.</div>
        </Notice>
      )}
      {known && (
        <div className="side-by-side">
          <Card title="Input">
            <JsonView text={known.input} name="Input" />
          </Card>
          <Card title="Output">{known.output === undefined ? <p className="faint">It has none.</p> : <JsonView text={known.output} name="Output" />}</Card>
        </div>
      )}
      {machine.data && (
        <Card title="Logs of its events">
          <ExpressLogs executionArn={arn} machineName={machineNameOf(arn)} logging={machine.data.loggingConfiguration} />
        </Card>
      )}
      {machine.data && !isChild && <DefinitionTab definition={machine.data.definition} />}
      {isStarting && machine.data && <StartDialog machine={machine.data} {...(known?.input === undefined ? {} : { firstInput: prettyJson(known.input) })} onClose={() => setStarting(false)} />}
    </div>
  );
}
