import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

import { isExpressExecution } from '@/api/arn';
import { call } from '@/api/aws';
import { useLiveExecution } from '@/api/live';
import type { Execution } from '@/api/types';
import { allStates, readWorkflow, textOf, type Workflow } from '@/asl/definition';
import { graphOf } from '@/asl/graph';
import { WorkflowGraph } from '@/graph/WorkflowGraph';
import type { Layout } from '@/graph/layout';
import { isPicked, marksOf, type Picks } from '@/history/marks';
import type { Run, Visit } from '@/history/run';
import { useNow } from '@/parts/clock';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { Tabs } from '@/parts/Tabs';
import { ErrorBanner } from '@/execution/ErrorBanner';
import { EventsView } from '@/execution/EventsView';
import { ExecutionHead } from '@/execution/ExecutionHead';
import { InputOutput } from '@/execution/InputOutput';
import { Pickers } from '@/execution/Pickers';
import { Scrubber } from '@/execution/Scrubber';
import { StateTree, Timeline } from '@/execution/StateTree';
import { useRun } from '@/execution/useRun';
import { VisitView } from '@/execution/VisitView';
import { DefinitionText } from '@/execution/DefinitionText';
import { ExpressExecutionPage } from './ExpressExecutionPage';

const tabs = ['state', 'events', 'states', 'timeline', 'io', 'definition'] as const;
type Tab = (typeof tabs)[number];

function useDefinition(arn: string) {
  return useQuery({ queryKey: ['definition-of', arn], queryFn: ({ signal }) => call('DescribeStateMachineForExecution', { executionArn: arn }, signal) });
}

/** Which visit is shown: the one that was chosen, or else the last of the chosen state; at first what failed. */
function chosenVisit(run: Run, picks: Picks, state: string | undefined, id: number | undefined): { visit: Visit | undefined; visits: Visit[] } {
  const name = state ?? run.failing?.name ?? run.root.visits.at(-1)?.name;
  const visits = name === undefined ? [] : run.visits.filter((visit) => visit.name === name && isPicked(visit.scope, picks));
  const byId = id === undefined ? undefined : visits.find((visit) => visit.id === id);
  const failing = run.failing && visits.includes(run.failing) ? run.failing : undefined;
  return { visit: byId ?? failing ?? visits.at(-1), visits };
}

function Panel({ tab, run, execution, visit, visits, select, workflow, definition, role, events, now }: {
  tab: Tab;
  run: Run;
  execution: Execution;
  visit: Visit | undefined;
  visits: Visit[];
  select: (visit: Visit) => void;
  workflow: Workflow | undefined;
  definition: string;
  role: string | undefined;
  events: ReturnType<typeof useLiveExecution>['events'];
  now: number;
}) {
  const states = useMemo(() => new Map(workflow ? allStates(workflow).map((found) => [found.name, found.state]) : []), [workflow]);
  switch (tab) {
    case 'state':
      return <VisitView run={run} visit={visit} visits={visits} onSelect={select} state={visit && states.get(visit.name)} language={textOf(workflow?.QueryLanguage)} execution={execution} now={now} />;
    case 'events':
      return <EventsView events={events} run={run} selected={visit} onSelect={select} />;
    case 'states':
      return <StateTree run={run} now={now} selected={visit} onSelect={select} />;
    case 'timeline':
      return <Timeline run={run} now={now} selected={visit} onSelect={select} />;
    case 'io':
      return <InputOutput execution={execution} events={events} role={role} run={run} />;
    case 'definition':
      return <DefinitionText definition={definition} selected={visit?.name} />;
  }
}

/** It is not there, or cannot be seen: a way on. */
function Missing({ error }: { error: unknown }) {
  return (
    <>
      <Failure error={error} />
      <Link className="link" to="/executions">
        All executions →
      </Link>
    </>
  );
}

export function ExecutionPage() {
  const { arn } = useParams({ from: '/executions/$arn' });
  return isExpressExecution(arn) ? <ExpressExecutionPage key={arn} arn={arn} /> : <StandardExecution key={arn} arn={arn} />;
}

function StandardExecution({ arn }: { arn: string }) {
  const search = useSearch({ from: '/executions/$arn' });
  const navigate = useNavigate();
  const live = useLiveExecution(arn);
  const definition = useDefinition(arn);
  const workflow = useMemo(() => (definition.data ? readWorkflow(definition.data.definition) : undefined), [definition.data]);
  const graph = useMemo(() => (workflow ? graphOf(workflow) : undefined), [workflow]);
  const [position, setPosition] = useState<number>();
  const [picks, setPicks] = useState<Picks>({});
  const [visitId, setVisitId] = useState<number>();
  const layout = useRef<Layout>(undefined);
  const keepLayout = useCallback((made: Layout) => void (layout.current = made), []);
  const run = useRun(workflow, live.events, position);
  const marks = useMemo(() => marksOf(run, picks), [run, picks]);
  const isRunning = live.execution?.status === 'RUNNING';
  const clock = useNow(500, isRunning) / 1000;
  const now = position === undefined ? clock : run.lastAt;
  const tab: Tab = tabs.find((one) => one === search.tab) ?? 'state';
  const { visit, visits } = chosenVisit(run, picks, search.state, visitId);
  const go = useCallback((next: { tab?: string; state?: string }) => void navigate({ to: '/executions/$arn', params: { arn }, search: (before) => ({ ...before, ...next }), replace: true }), [navigate, arn]);
  const select = useCallback(
    (chosen: Visit) => {
      setVisitId(chosen.id);
      go({ state: chosen.name });
    },
    [go],
  );
  useEffect(() => {
    document.title = live.execution ? `${live.execution.name} · Gait` : 'Gait';
  }, [live.execution]);
  if (!live.execution || definition.isPending) {
    return <div className="page">{live.error ? <Missing error={live.error} /> : <Loading what="the execution" />}</div>;
  }
  return (
    <div className="page full">
      <ExecutionHead execution={live.execution} events={live.events} layout={layout} marks={marks} now={now} />
      <ErrorBanner execution={live.execution} run={run} onShow={(failing) => { select(failing); go({ tab: 'state', state: failing.name }); }} />
      <Failure error={live.error} />
      <div className="split execution-split">
        <section className="card pane" aria-label="Graph">
          <Pickers run={run} picks={picks} onChange={setPicks} />
          <div className="grow graph-host">
            {graph ? (
              <WorkflowGraph
                graph={graph}
                marks={marks}
                selected={visit?.name ?? search.state}
                onLayout={keepLayout}
                onSelect={(state) => {
                  if (state !== undefined) {
                    setVisitId(undefined);
                    go({ state });
                  }
                }}
              />
            ) : (
              <Failure error={definition.error} />
            )}
          </div>
          <Scrubber events={live.events} position={position} onChange={setPosition} />
        </section>
        <section className="card pane" aria-label="Details">
          <Tabs
            label="Details"
            active={tab}
            onChange={(next) => go({ tab: next })}
            items={[
              { key: 'state', title: 'State' },
              { key: 'events', title: 'Events', tally: live.events.length },
              { key: 'states', title: 'States' },
              { key: 'timeline', title: 'Timeline' },
              { key: 'io', title: 'Input and output' },
              { key: 'definition', title: 'Definition' },
            ]}
          />
          <div className={`pane-body ${tab === 'state' || tab === 'io' ? 'is-padded' : 'is-filled'}`} role="tabpanel">
            <Panel tab={tab} run={run} execution={live.execution} visit={visit} visits={visits} select={select} workflow={workflow} definition={definition.data?.definition ?? ''} role={definition.data?.roleArn} events={live.events} now={now} />
          </div>
        </section>
      </div>
    </div>
  );
}
