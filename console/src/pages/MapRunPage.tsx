import { Link, useParams } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { arnName } from '@/api/arn';
import { call } from '@/api/aws';
import { refresh } from '@/api/queries';
import type { MapRun, MapRunCounts } from '@/api/types';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { ExecutionBadge, type Tone } from '@/parts/Status';
import { When } from '@/parts/When';
import { dateText, durationText } from '@/parts/time';
import { tell, tellError } from '@/parts/toast';

const parts: [member: keyof MapRunCounts, title: string, tone: Tone][] = [
  ['succeeded', 'Succeeded', 'succeeded'],
  ['failed', 'Failed', 'failed'],
  ['timedOut', 'Timed out', 'caught'],
  ['aborted', 'Aborted', 'aborted'],
  ['running', 'Running', 'running'],
  ['pending', 'Pending', 'pending'],
];

function Progress({ title, counts }: { title: string; counts: MapRunCounts }) {
  const total = Math.max(counts.total, 1);
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        <span className="faint nums">{counts.total.toLocaleString('en')}</span>
      </div>
      <div className="card-body stack">
        <div className="progress" role="img" aria-label={parts.map(([member, words]) => `${counts[member] ?? 0} ${words.toLowerCase()}`).join(', ')}>
          {parts.map(([member, , tone]) => (
            <span key={member} className={`tone-${tone}`} style={{ width: `${((counts[member] ?? 0) / total) * 100}%` }} />
          ))}
        </div>
        <div className="counts">
          {parts.map(([member, words, tone]) => (
            <span key={member} className={`count tone-${tone}`}>
              <span className="dot" /> {words} {(counts[member] ?? 0).toLocaleString('en')}
            </span>
          ))}
        </div>
      </div>
    </section>
  );
}

function Settings({ run }: { run: MapRun }) {
  const [concurrency, setConcurrency] = useState(String(run.maxConcurrency));
  const save = async (): Promise<void> => {
    try {
      await call('UpdateMapRun', { mapRunArn: run.mapRunArn, maxConcurrency: Number(concurrency) });
      await refresh('map-run', run.mapRunArn);
      tell('Changed');
    } catch (error) {
      tellError(error);
    }
  };
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label className="row">
        <span className="soft">Items at once</span>
        <input className="input picker nums" type="number" min={0} value={concurrency} disabled={run.status !== 'RUNNING'} onChange={(event) => setConcurrency(event.target.value)} />
      </label>
      {run.status === 'RUNNING' && (
        <Button type="submit" isSmall>
          Change
        </Button>
      )}
    </form>
  );
}

export function MapRunPage() {
  const { arn } = useParams({ from: '/map-runs/$arn' });
  const run = useQuery({ queryKey: ['map-run', arn], refetchInterval: 1500, queryFn: ({ signal }) => call('DescribeMapRun', { mapRunArn: arn }, signal) });
  const children = useQuery({
    queryKey: ['map-run-executions', arn],
    refetchInterval: 2000,
    queryFn: ({ signal }) => call('ListExecutions', { mapRunArn: arn, maxResults: 100 }, signal),
  });
  if (!run.data) {
    return <div className="page">{run.error ? <Failure error={run.error} /> : <Loading what="the map run" />}</div>;
  }
  const { startDate, stopDate, status } = run.data;
  const rows = children.data?.executions ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <div className="crumbs">
            <Link to="/map-runs">Map runs</Link> /
            <Link to="/executions/$arn" params={{ arn: run.data.executionArn }} className="cut">
              {arnName(run.data.executionArn)}
            </Link>
          </div>
          <div className="row wrap">
            <h1>{arnName(arn)}</h1>
            <ExecutionBadge status={status} />
            <span className="soft nums">
              {dateText(startDate)}
              {stopDate === undefined ? '' : ` · ${durationText((stopDate - startDate) * 1000)}`}
            </span>
          </div>
        </div>
        <Settings run={run.data} />
      </div>
      <Progress title="Items" counts={run.data.itemCounts} />
      <Progress title="Executions" counts={run.data.executionCounts} />
      <Failure error={children.error} />
      <div className="card">
        {rows.length === 0 ? (
          <Empty icon="executions" title="No execution yet" />
        ) : (
          <table className="table" aria-label="Executions of the map run">
            <tbody>
              {rows.map((row) => (
                <tr key={row.executionArn}>
                  <td>
                    <Link className="name" to="/executions/$arn" params={{ arn: row.executionArn }}>
                      {row.name}
                    </Link>
                  </td>
                  <td>
                    <ExecutionBadge status={row.status} />
                  </td>
                  <td className="nums">{row.itemCount === undefined ? '' : `${row.itemCount} ${row.itemCount === 1 ? 'item' : 'items'}`}</td>
                  <td>
                    <When at={row.startDate} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
