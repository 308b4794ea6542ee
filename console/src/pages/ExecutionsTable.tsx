import { Link } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useMemo, useState } from 'react';

import { machineArnOf, machineNameOf } from '@/api/arn';
import { useExecutionChanges } from '@/api/changes';
import type { FoundExecution } from '@/api/console';
import { useSearch } from '@/api/queries';
import { executionStatuses, type ExecutionStatus } from '@/api/types';
import { Button } from '@/parts/Button';
import { useNow } from '@/parts/clock';
import { Empty } from '@/parts/Empty';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { SearchField } from '@/parts/SearchField';
import { ExecutionBadge, executionWords } from '@/parts/Status';
import { Table } from '@/parts/Table';
import { durationText } from '@/parts/time';
import { When } from '@/parts/When';

function Duration({ row }: { row: FoundExecution }) {
  const now = useNow(1000, row.stopDate === undefined && row.status === 'RUNNING');
  return <span className="nums">{durationText((row.stopDate ?? now / 1000) * 1000 - row.startDate * 1000)}</span>;
}

function Match({ row }: { row: FoundExecution }) {
  return row.match && row.match.in !== 'name' ? (
    <div className="excerpt cut" title={row.match.excerpt}>
      {row.match.in}: <span className="mono">{row.match.excerpt}</span>
    </div>
  ) : null;
}

const nameColumn: ColumnDef<FoundExecution> = {
  accessorKey: 'name',
  header: 'Name',
  cell: ({ row }) => (
    <>
      <Link className="name" to="/executions/$arn" params={{ arn: row.original.executionArn }} title={row.original.name}>
        {row.original.name}
      </Link>
      <Match row={row.original} />
    </>
  ),
};

const machineColumn: ColumnDef<FoundExecution> = {
  id: 'machine',
  header: 'State machine',
  accessorFn: (row) => machineNameOf(row.stateMachineArn),
  cell: ({ row }) => (
    <Link className="cut link" to="/machines/$arn" params={{ arn: machineArnOf(row.original.stateMachineArn) }} title={machineNameOf(row.original.stateMachineArn)}>
      {machineNameOf(row.original.stateMachineArn)}
    </Link>
  ),
};

const otherColumns: ColumnDef<FoundExecution>[] = [
  { accessorKey: 'status', header: 'Status', cell: ({ row }) => <ExecutionBadge status={row.original.status} /> },
  { accessorKey: 'startDate', header: 'Started', cell: ({ row }) => <When at={row.original.startDate} /> },
  { id: 'duration', header: 'Duration', accessorFn: (row) => (row.stopDate ?? Infinity) - row.startDate, cell: ({ row }) => <Duration row={row.original} /> },
];

const spans: { key: string; title: string; seconds: number | undefined }[] = [
  { key: '', title: 'Any time', seconds: undefined },
  { key: '1h', title: 'Last hour', seconds: 3600 },
  { key: '1d', title: 'Last day', seconds: 86_400 },
  { key: '7d', title: 'Last week', seconds: 604_800 },
];

export interface ExecutionFilters {
  q: string;
  status: ExecutionStatus | undefined;
  since: string;
}

const pageSize = 50;
const searchMax = 256; // 1,024 bytes at most, which is what the server takes
const limitMax = 1000;

interface ExecutionsTableProps {
  machine?: string;
  isExpress?: boolean;
  onStart?: () => void;
  filters?: ExecutionFilters;
  onFilters?: (filters: ExecutionFilters) => void;
}

/** Executions with their filters; kept up to date while they are shown. */
export function ExecutionsTable({ machine, isExpress, onStart, filters: given, onFilters }: ExecutionsTableProps) {
  const [own, setOwn] = useState<ExecutionFilters>({ q: '', status: undefined, since: '' });
  const [limit, setLimit] = useState(pageSize);
  const filters = given ?? own;
  const change = onFilters ?? setOwn;
  const seconds = spans.find((span) => span.key === filters.since)?.seconds;
  const minute = useNow(60_000);
  useExecutionChanges(machine && machineArnOf(machine));
  const found = useSearch({
    limit,
    ...(filters.q ? { q: filters.q } : {}),
    ...(machine ? { machine } : {}),
    ...(filters.status ? { status: [filters.status] } : {}),
    ...(seconds ? { after: Math.floor(minute / 60_000) * 60 - seconds } : {}),
  });
  const columns = useMemo(() => [nameColumn, ...(machine ? [] : [machineColumn]), ...otherColumns], [machine]);
  if (isExpress) {
    return (
      <div className="card">
        <Empty icon="bolt" title="Express executions leave no list">
          <p>The server keeps none: what they did is in their logs. Start one and wait for its result to see it here.</p>
          {onStart && <Button onClick={onStart}>Start execution</Button>}
        </Empty>
      </div>
    );
  }
  const hasMore = found.data !== undefined && !found.data.isComplete;
  const canShowMore = hasMore && limit < limitMax && (found.isPlaceholderData || found.data.executions.length >= limit);
  const isCut = hasMore && !canShowMore && !found.isPlaceholderData;
  const isFiltered = Boolean(filters.q || filters.status || filters.since);
  return (
    <div className="stack">
      <div className="bar">
        <SearchField label={found.data?.isListed ? 'Find by name' : 'Find in name, input or output'} value={filters.q} maxLength={searchMax} onChange={(q) => change({ ...filters, q })} />
        <select className="select input" aria-label="Status" value={filters.status ?? ''} onChange={(event) => change({ ...filters, status: executionStatuses.find((one) => one === event.target.value) })}>
          <option value="">Any status</option>
          {executionStatuses.map((status) => (
            <option key={status} value={status}>
              {executionWords(status)}
            </option>
          ))}
        </select>
        <select className="select input" aria-label="Started" value={filters.since} onChange={(event) => change({ ...filters, since: event.target.value })}>
          {spans.map((span) => (
            <option key={span.key} value={span.key}>
              {span.title}
            </option>
          ))}
        </select>
        {isFiltered && (
          <Button look="quiet" onClick={() => change({ q: '', status: undefined, since: '' })}>
            Clear
          </Button>
        )}
      </div>
      <Failure error={found.error} />
      {found.isPending && <Loading what="executions" />}
      {found.data && (
        <div className={`card ${found.isPlaceholderData ? 'is-behind' : ''}`} aria-busy={found.isPlaceholderData}>
          {found.data.executions.length > 0 ? (
            <Table label="Executions" rows={found.data.executions} columns={columns} rowId={(row) => row.executionArn} />
          ) : isFiltered ? (
            <Empty icon="search" title="Nothing fits">
              <p>No execution passes these filters.</p>
            </Empty>
          ) : (
            <Empty icon="executions" title="No execution yet">
              <p>{machine ? 'Start one, and watch it go.' : 'Start one from its state machine, and watch it go.'}</p>
              {onStart && (
                <Button look="primary" icon="play" onClick={onStart}>
                  Start execution
                </Button>
              )}
            </Empty>
          )}
        </div>
      )}
      {canShowMore && (
        <div className="row">
          <Button onClick={() => setLimit(Math.min(limit * 2, limitMax))}>Show more</Button>
        </div>
      )}
      {isCut && <p className="faint">Older executions were not looked at. Narrow the filters to see them.</p>}
    </div>
  );
}
