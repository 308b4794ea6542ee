import { useNavigate, useSearch } from '@tanstack/react-router';

import { executionStatuses } from '@/api/types';
import { ExecutionsTable } from './ExecutionsTable';

export function ExecutionsPage() {
  const search = useSearch({ from: '/executions' });
  const navigate = useNavigate();
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <h1>Executions</h1>
        </div>
      </div>
      <ExecutionsTable
        filters={{ q: search.q ?? '', status: executionStatuses.find((one) => one === search.status), since: search.since ?? '' }}
        onFilters={(next) =>
          void navigate({
            to: '/executions',
            search: { ...(next.q ? { q: next.q } : {}), ...(next.status ? { status: next.status } : {}), ...(next.since ? { since: next.since } : {}) },
            replace: true,
          })
        }
      />
    </div>
  );
}
