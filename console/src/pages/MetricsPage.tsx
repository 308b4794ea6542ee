import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { MetricsPoint } from '@/api/console';
import { useMachines } from '@/api/queries';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { Segments } from '@/parts/Segments';
import { durationText } from '@/parts/time';
import { Chart, type Series } from './Chart';
import { readMetrics } from './metrics';

const throughput: Series<MetricsPoint>[] = [{ title: 'Started', tone: 'running', value: (point) => point.started }];
const endings: Series<MetricsPoint>[] = [
  { title: 'Succeeded', tone: 'succeeded', value: (point) => point.succeeded },
  { title: 'Failed', tone: 'failed', value: (point) => point.failed },
  { title: 'Timed out', tone: 'caught', value: (point) => point.timedOut },
  { title: 'Aborted', tone: 'aborted', value: (point) => point.aborted },
];
const durations: Series<MetricsPoint>[] = [
  { title: 'Median', tone: 'running', value: (point) => point.durationMsP50 },
  { title: '95 of 100 are quicker', tone: 'pending', value: (point) => point.durationMsP95 },
];

function sum(points: MetricsPoint[], value: (point: MetricsPoint) => number): number {
  return points.reduce((total, point) => total + value(point), 0);
}

function Figures({ points }: { points: MetricsPoint[] }) {
  const ended = sum(points, (point) => point.succeeded + point.failed + point.timedOut + point.aborted);
  const bad = sum(points, (point) => point.failed + point.timedOut);
  const figures: [string, string][] = [
    ['Started', sum(points, (point) => point.started).toLocaleString('en')],
    ['Ended', ended.toLocaleString('en')],
    ['Failed', ended ? `${((bad / ended) * 100).toFixed(1)} %` : '–'],
    ['Mean duration', ended ? durationText(sum(points, (point) => point.durationMsSum) / ended) : '–'],
  ];
  return (
    <dl className="figures">
      {figures.map(([title, value]) => (
        <div key={title} className="card card-body">
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function MetricsPage() {
  const [minutes, setMinutes] = useState<'15' | '60' | '360'>('60');
  const [machine, setMachine] = useState('');
  const machines = useMachines();
  const metrics = useQuery({
    queryKey: ['metrics', minutes, machine],
    placeholderData: keepPreviousData,
    refetchInterval: 5000,
    queryFn: ({ signal }) => readMetrics(Number(minutes), machine || undefined, signal),
  });
  const points = metrics.data?.points ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <h1>Metrics</h1>
        </div>
        <div className="page-actions">
          <select className="select input" aria-label="State machine" value={machine} onChange={(event) => setMachine(event.target.value)}>
            <option value="">All state machines</option>
            {machines.data?.map((one) => (
              <option key={one.stateMachineArn} value={one.stateMachineArn}>
                {one.name}
              </option>
            ))}
          </select>
          <Segments
            label="Time"
            value={minutes}
            onChange={setMinutes}
            options={[
              { key: '15', title: '15 min' },
              { key: '60', title: '1 h' },
              { key: '360', title: '6 h' },
            ]}
          />
        </div>
      </div>
      <Failure error={metrics.error} />
      {metrics.isPending && <Loading what="metrics" />}
      {metrics.data && (
        <>
          <Figures points={points} />
          <Chart title="Throughput" hint="executions started, each minute" points={points} series={throughput} />
          <Chart title="Endings" hint="executions ended, each minute" points={points} series={endings} isStacked />
          <Chart title="Duration" hint="of the executions that ended" points={points} series={durations} format={durationText} />
        </>
      )}
    </div>
  );
}
