import { Link } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useMemo, useState } from 'react';

import { useExecutionChanges } from '@/api/changes';
import { useCounts, useMachines } from '@/api/queries';
import type { MachineSummary, StatusCounts } from '@/api/types';
import { Empty } from '@/parts/Empty';
import { Icon } from '@/parts/Icon';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { SearchField } from '@/parts/SearchField';
import { Segments } from '@/parts/Segments';
import { Counts } from '@/parts/Status';
import { Table } from '@/parts/Table';
import { When } from '@/parts/When';

type TypeFilter = 'all' | 'STANDARD' | 'EXPRESS';

interface Row extends MachineSummary {
  counts?: StatusCounts;
}

const columns: ColumnDef<Row>[] = [
  {
    accessorKey: 'name',
    header: 'Name',
    cell: ({ row }) => (
      <Link className="name" to="/machines/$arn" params={{ arn: row.original.stateMachineArn }} title={row.original.name}>
        {row.original.name}
      </Link>
    ),
  },
  { accessorKey: 'type', header: 'Type', cell: ({ row }) => <span className="badge outline">{row.original.type === 'EXPRESS' ? 'Express' : 'Standard'}</span> },
  {
    id: 'executions',
    header: 'Executions',
    enableSorting: false,
    cell: ({ row }) => (row.original.type === 'EXPRESS' ? <span className="faint">In the logs only</span> : <Counts counts={row.original.counts} />),
  },
  { accessorKey: 'creationDate', header: 'Created', cell: ({ row }) => <When at={row.original.creationDate} /> },
];

function NewLink() {
  return (
    <Link to="/machines/new" className="button primary">
      <Icon name="plus" />
      New state machine
    </Link>
  );
}

export function MachinesPage() {
  const machines = useMachines();
  const [text, setText] = useState('');
  const [type, setType] = useState<TypeFilter>('all');
  const shown = useMemo(
    () => (machines.data ?? []).filter((one) => one.name.toLowerCase().includes(text.toLowerCase()) && (type === 'all' || one.type === type)),
    [machines.data, text, type],
  );
  const arns = useMemo(() => shown.filter((one) => one.type === 'STANDARD').map((one) => one.stateMachineArn), [shown]);
  const counts = useCounts(arns);
  useExecutionChanges();
  const rows = useMemo(
    () =>
      shown.map((one): Row => {
        const found = counts.data?.get(one.stateMachineArn);
        return found ? { ...one, counts: found } : one;
      }),
    [shown, counts.data],
  );
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <h1>State machines</h1>
        </div>
        <NewLink />
      </div>
      <Failure error={machines.error} />
      {machines.isPending && <Loading what="state machines" />}
      {machines.data?.length === 0 && (
        <div className="card">
          <Empty icon="machines" title="No state machine yet">
            <p>Write a definition, draw one, or create it with any AWS SDK at this address.</p>
            <NewLink />
          </Empty>
        </div>
      )}
      {machines.data && machines.data.length > 0 && (
        <>
          <div className="bar">
            <SearchField label="Find a state machine" value={text} onChange={setText} />
            <Segments
              label="Type"
              value={type}
              onChange={setType}
              options={[
                { key: 'all', title: 'All' },
                { key: 'STANDARD', title: 'Standard' },
                { key: 'EXPRESS', title: 'Express' },
              ]}
            />
            <span className="faint nums">
              {shown.length === machines.data.length ? `${shown.length} state machines` : `${shown.length} of ${machines.data.length}`}
            </span>
          </div>
          <div className="card">
            {rows.length ? (
              <Table label="State machines" rows={rows} columns={columns} rowId={(row) => row.stateMachineArn} />
            ) : (
              <Empty icon="search" title="Nothing fits">
                <p>No state machine has this name and type.</p>
              </Empty>
            )}
          </div>
        </>
      )}
    </div>
  );
}
