import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';

import type { Execution } from '@/api/types';
import { prettyJson, type JsonObject } from '@/api/json';
import { shownStatus } from '@/history/marks';
import type { Attempt, Run, Visit } from '@/history/run';
import { variablesAt } from '@/history/variables';
import { Empty } from '@/parts/Empty';
import { JsonView } from '@/parts/JsonView';
import { Notice } from '@/parts/Notice';
import { VisitBadge, visitTone } from '@/parts/Status';
import { clockText, durationText } from '@/parts/time';
import { Stages } from './Stages';
import { canRetell, retellStages, type Stage } from './stages';

interface VisitViewProps {
  run: Run;
  visit: Visit | undefined;
  visits: Visit[]; // of the same state
  onSelect: (visit: Visit) => void;
  state: JsonObject | undefined;
  language: string | undefined;
  execution: Execution | undefined;
  now: number;
}

function contextOf(visit: Visit, execution: Execution | undefined): JsonObject {
  return {
    Execution: { Id: execution?.executionArn ?? '', Name: execution?.name ?? '', StartTime: new Date((execution?.startDate ?? 0) * 1000).toISOString() },
    State: { Name: visit.name, EnteredTime: new Date(visit.enteredAt * 1000).toISOString(), RetryCount: Math.max(visit.attempts.length - 1, 0) },
    StateMachine: { Id: execution?.stateMachineArn ?? '', Name: execution?.stateMachineArn.split(':').pop() ?? '' },
  };
}

/** What the history itself tells, where a state cannot be told again by itself. */
function recordedStages(visit: Visit): Stage[] {
  const attempt = visit.attempts.at(-1);
  const stages: [string, string | undefined][] = [
    ['Input', visit.input],
    ['Parameters of the task', attempt?.parameters],
    ['Result', attempt?.output],
    ['Output', visit.output],
  ];
  return stages.flatMap(([title, text]): Stage[] => (text === undefined ? [] : [{ title, field: '', text }]));
}

function Attempts({ attempts, now }: { attempts: Attempt[]; now: number }) {
  return (
    <table className="table attempts" aria-label="Tries">
      <tbody>
        {attempts.map((attempt, index) => {
          const before = attempts[index - 1];
          return (
            <tr key={attempt.eventId} className={`tone-${visitTone(attempt.status)}`}>
              <td>
                <span className="row">
                  <span className="dot" /> Try {index + 1}
                </span>
              </td>
              <td className="faint nums">{before?.endedAt === undefined ? clockText(attempt.scheduledAt) : `after ${durationText((attempt.scheduledAt - before.endedAt) * 1000)}`}</td>
              <td className="nums">{durationText(((attempt.endedAt ?? now) - attempt.scheduledAt) * 1000)}</td>
              <td className="cut mono" title={attempt.cause}>
                {attempt.error ?? attempt.status}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Links({ visit }: { visit: Visit }) {
  return (
    <>
      {visit.childExecutionArn && (
        <Link className="link" to="/executions/$arn" params={{ arn: visit.childExecutionArn }}>
          The execution that it started →
        </Link>
      )}
      {visit.mapRunArn && (
        <Link className="link" to="/map-runs/$arn" params={{ arn: visit.mapRunArn }}>
          Its map run →
        </Link>
      )}
    </>
  );
}

function useStages(visit: Visit | undefined, state: JsonObject | undefined, language: string | undefined, execution: Execution | undefined): Stage[] {
  const canAsk = visit !== undefined && state !== undefined && canRetell.has(visit.type) && visit.exitedAt !== undefined && visit.input !== undefined;
  const told = useQuery({
    queryKey: ['stages', execution?.executionArn, visit?.id, visit?.exitedAt],
    enabled: canAsk,
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => (visit && state ? retellStages(visit, state, contextOf(visit, execution), language, signal) : []),
  });
  return told.data?.length ? told.data : visit ? recordedStages(visit) : [];
}

/** One visit of a state: its status, its tries, its data at every stage. */
export function VisitView({ run, visit, visits, onSelect, state, language, execution, now }: VisitViewProps) {
  const stages = useStages(visit, state, language, execution);
  if (!visit) {
    return (
      <Empty icon="machines" title="Choose a state">
        <p>In the graph, the table, the timeline or the events: what it got and what it gave is shown here.</p>
      </Empty>
    );
  }
  const variables = variablesAt(visit);
  const hasVariables = Object.keys(variables).length > 0 || visit.assigned !== undefined;
  return (
    <div className="visit stack">
      <div className="row wrap spread">
        <div className="row wrap">
          <h2>{visit.name}</h2>
          <VisitBadge status={shownStatus(visit, run)} />
        </div>
        {visits.length > 1 && (
          <select className="select input" aria-label="Visit" value={visit.id} onChange={(event) => { const found = visits.find((one) => one.id === Number(event.target.value)); if (found) { onSelect(found); } }}>
            {visits.map((one, index) => (
              <option key={one.id} value={one.id}>
                {one.scope.kind === 'iteration' ? `Iteration #${one.scope.index}` : `Visit ${index + 1}`} · {shownStatus(one, run)}
              </option>
            ))}
          </select>
        )}
      </div>
      <dl className="facts">
        <div>
          <dt>Type</dt>
          <dd>{visit.type}</dd>
        </div>
        <div>
          <dt>Entered</dt>
          <dd className="nums">{clockText(visit.enteredAt)}</dd>
        </div>
        <div>
          <dt>Duration</dt>
          <dd className="nums">{durationText(((visit.exitedAt ?? run.endedAt ?? now) - visit.enteredAt) * 1000)}</dd>
        </div>
      </dl>
      <Links visit={visit} />
      {visit.error && visit.status !== 'succeeded' && (
        <Notice tone={visit.status === 'caught' ? 'caught' : 'failed'} title={visit.error}>
          {visit.cause && <pre>{prettyJson(visit.cause)}</pre>}
        </Notice>
      )}
      {visit.attempts.length > 1 && <Attempts attempts={visit.attempts} now={now} />}
      <Stages key={`${visit.id}.${stages.length}`} stages={stages} />
      {hasVariables && (
        <div className="field">
          <span>Variables it could read</span>
          <JsonView text={JSON.stringify(variables)} name="Variables it could read" />
        </div>
      )}
      {state && (
        <details>
          <summary>Definition</summary>
          <JsonView text={JSON.stringify(state)} name="Definition of the state" />
        </details>
      )}
    </div>
  );
}
