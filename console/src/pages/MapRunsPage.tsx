import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { arnName, machineNameOf } from '@/api/arn';
import { call } from '@/api/aws';
import { useSearch } from '@/api/queries';
import type { MapRunSummary } from '@/api/types';
import { Empty } from '@/parts/Empty';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { When } from '@/parts/When';

const lookedAt = 20;

/** One after the other: a server that knows no map runs is asked once only. */
async function mapRunsOf(arns: string[], signal: AbortSignal): Promise<MapRunSummary[]> {
  const found: MapRunSummary[] = [];
  for (const executionArn of arns) {
    found.push(...(await call('ListMapRuns', { executionArn }, signal)).mapRuns);
  }
  return found;
}

/** Map runs of the newest executions: the API lists them by execution only. */
export function MapRunsPage() {
  const executions = useSearch({ limit: lookedAt }, false);
  const arns = useMemo(() => executions.data?.executions.map((row) => row.executionArn) ?? [], [executions.data]);
  const runs = useQuery({
    queryKey: ['map-runs', arns],
    enabled: executions.isSuccess,
    retry: false,
    queryFn: ({ signal }) => mapRunsOf(arns, signal),
  });
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <h1>Map runs</h1>
          <p className="soft">Of distributed Maps, in the newest {lookedAt} executions. Those of others are reached from their execution.</p>
        </div>
      </div>
      <Failure error={executions.error ?? runs.error} />
      {runs.isPending && !runs.error && !executions.error && <Loading what="map runs" />}
      {runs.data && (
        <div className="card">
          {runs.data.length === 0 ? (
            <Empty icon="map" title="No map run yet">
              <p>A Map in DISTRIBUTED mode runs each item, or each batch of items, as an execution of its own.</p>
            </Empty>
          ) : (
            <table className="table" aria-label="Map runs">
              <tbody>
                {runs.data.map((run) => (
                  <tr key={run.mapRunArn}>
                    <td>
                      <Link className="name" to="/map-runs/$arn" params={{ arn: run.mapRunArn }}>
                        {machineNameOf(run.mapRunArn)} / {arnName(run.mapRunArn)}
                      </Link>
                    </td>
                    <td>
                      <Link className="link" to="/executions/$arn" params={{ arn: run.executionArn }}>
                        {arnName(run.executionArn)}
                      </Link>
                    </td>
                    <td>
                      <When at={run.startDate} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      )}
    </div>
  );
}
