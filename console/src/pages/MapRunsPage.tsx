import { Link } from '@tanstack/react-router';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ColumnDef } from '@tanstack/react-table';

import { arnName, machineArnOf, machineNameOf } from '@/api/arn';
import { call } from '@/api/aws';
import { askMapRuns, type FoundMapRun, type MapRunsAnswer } from '@/api/console';
import { searchExecutions } from '@/api/queries';
import type { ExecutionStatus } from '@/api/types';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { ExecutionBadge } from '@/parts/Status';
import { Table } from '@/parts/Table';
import { When } from '@/parts/When';

const lookedAt = 20;
const pageSize = 50;
const againMs = 5000;

interface Page extends MapRunsAnswer {
  /** The server has no list of all: these are of the newest executions only. */
  isPartial?: boolean;
}

/** By the API, which lists map runs by execution only; one after the other. */
async function mapRunsByListing(signal: AbortSignal): Promise<Page> {
  const mapRuns: FoundMapRun[] = [];
  for (const { executionArn } of (await searchExecutions({ limit: lookedAt }, signal)).executions) {
    mapRuns.push(...(await call('ListMapRuns', { executionArn }, signal)).mapRuns);
  }
  return { mapRuns, isPartial: true };
}

function useMapRuns() {
  return useInfiniteQuery({
    queryKey: ['map-runs'],
    retry: false,
    refetchInterval: againMs,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }): Promise<Page> => (await askMapRuns({ limit: pageSize, ...(pageParam ? { token: pageParam } : {}) }, signal)) ?? mapRunsByListing(signal),
    getNextPageParam: (page) => page.nextToken,
  });
}

/** "stateMachine:NAME/LABEL" and "mapRun:NAME/LABEL:ID": the label is the Map state's. */
function labelOf(run: FoundMapRun): string {
  return arnName(run.stateMachineArn).split('/')[1] ?? '';
}

const columns: ColumnDef<FoundMapRun>[] = [
  {
    id: 'name',
    header: 'Map run',
    accessorFn: labelOf,
    cell: ({ row }) => (
      <Link className="name" to="/map-runs/$arn" params={{ arn: row.original.mapRunArn }} title={row.original.mapRunArn}>
        {labelOf(row.original) || arnName(row.original.mapRunArn)}
      </Link>
    ),
  },
  {
    id: 'machine',
    header: 'State machine',
    accessorFn: (run) => machineNameOf(run.stateMachineArn),
    cell: ({ row }) => (
      <Link className="cut link" to="/machines/$arn" params={{ arn: machineArnOf(row.original.stateMachineArn) }} title={machineNameOf(row.original.stateMachineArn)}>
        {machineNameOf(row.original.stateMachineArn)}
      </Link>
    ),
  },
  {
    id: 'execution',
    header: 'Execution',
    accessorFn: (run) => arnName(run.executionArn),
    cell: ({ row }) => (
      <Link className="cut link" to="/executions/$arn" params={{ arn: row.original.executionArn }} title={arnName(row.original.executionArn)}>
        {arnName(row.original.executionArn)}
      </Link>
    ),
  },
];

const toldColumns: ColumnDef<FoundMapRun>[] = [
  { accessorKey: 'status', header: 'Status', cell: ({ row }) => <ExecutionBadge status={row.original.status as ExecutionStatus} /> },
  {
    accessorKey: 'total',
    header: 'Items',
    cell: ({ row }) => (
      <span className="nums">
        {(row.original.succeeded ?? 0).toLocaleString('en')} of {(row.original.total ?? 0).toLocaleString('en')}
        {row.original.unsuccessful ? `, ${row.original.unsuccessful.toLocaleString('en')} failed` : ''}
      </span>
    ),
  },
];

const startColumn: ColumnDef<FoundMapRun> = { accessorKey: 'startDate', header: 'Started', cell: ({ row }) => <When at={row.original.startDate} /> };

/** Map runs of all executions, the newest first. */
export function MapRunsPage() {
  const runs = useMapRuns();
  const rows = runs.data?.pages.flatMap((page) => page.mapRuns) ?? [];
  const isPartial = runs.data?.pages.some((page) => page.isPartial) ?? false;
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <h1>Map runs</h1>
          <p className="soft">{isPartial ? `Of distributed Maps, in the newest ${lookedAt} executions. Those of others are reached from their execution.` : 'Of distributed Maps, the newest first.'}</p>
        </div>
      </div>
      <Failure error={runs.error} />
      {runs.isPending && <Loading what="map runs" />}
      {runs.data && (
        <div className="card">
          {rows.length === 0 ? (
            <Empty icon="map" title="No map run yet">
              <p>A Map in DISTRIBUTED mode runs each item, or each batch of items, as an execution of its own.</p>
            </Empty>
          ) : (
            <Table label="Map runs" rows={rows} columns={isPartial ? [...columns, startColumn] : [...columns, ...toldColumns, startColumn]} rowId={(run) => run.mapRunArn} />
          )}
        </div>
      )}
      {runs.hasNextPage && (
        <div className="row">
          <Button disabled={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
