/** What pages read, kept and refreshed by TanStack Query. */
import { keepPreviousData, QueryClient, useQuery } from '@tanstack/react-query';

import { qualifierOf } from './arn';
import { call, collect } from './aws';
import { askCounts, askSearch, type FoundExecution, type SearchAnswer, type SearchQuery } from './console';
import { ApiError } from './request';
import { getSession } from './session';
import type { ExecutionStatus, StatusCounts } from './types';

const againMs = 2000;
const toldMs = 20_000; // where the server tells of changes (changes.ts)

function listInterval(): number {
  return getSession().paths.includes('events') ? toldMs : againMs;
}

const countedMax = 1000;
const searchedMachines = 20;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

export function useMachines() {
  return useQuery({
    queryKey: ['machines'],
    queryFn: ({ signal }) => collect('ListStateMachines', { maxResults: 1000 }, (page) => page.stateMachines, 10_000, signal),
    refetchInterval: 5000,
  });
}

export function useMachine(arn: string) {
  return useQuery({ queryKey: ['machine', arn], queryFn: ({ signal }) => call('DescribeStateMachine', { stateMachineArn: arn }, signal) });
}

async function countByListing(arn: string, signal: AbortSignal): Promise<StatusCounts> {
  const counts: StatusCounts = {};
  const rows = await collect('ListExecutions', { stateMachineArn: arn, maxResults: 1000 }, (page) => page.executions, countedMax, signal);
  rows.forEach((row) => {
    counts[row.status] = (counts[row.status] ?? 0) + 1;
  });
  return counts;
}

/** Counts of all machines; where the server does not count, of those in view. Express ones keep no executions. */
export function useCounts(arns: string[]) {
  return useQuery({
    queryKey: ['counts', arns],
    placeholderData: keepPreviousData,
    refetchInterval: listInterval,
    queryFn: async ({ signal }): Promise<Map<string, StatusCounts>> => {
      const told = await askCounts(signal);
      if (told) {
        const known = new Map(told.machines.map((one) => [one.stateMachineArn, one.counts]));
        arns.forEach((arn) => known.has(arn) || known.set(arn, {}));
        return known;
      }
      const counted = await Promise.all(arns.slice(0, 30).map(async (arn): Promise<[string, StatusCounts]> => [arn, await countByListing(arn, signal)]));
      return new Map(counted);
    },
  });
}

function fits(query: SearchQuery, name: string, startDate: number): boolean {
  const text = query.q?.toLowerCase() ?? '';
  return name.toLowerCase().includes(text) && startDate >= (query.after ?? 0) && startDate < (query.before ?? Infinity);
}

/** Without the server's search: names only, in the machine or in the first machines of the list. */
async function searchByListing(query: SearchQuery, signal: AbortSignal): Promise<SearchAnswer> {
  const machines = query.machine ? [query.machine] : (await call('ListStateMachines', { maxResults: searchedMachines }, signal)).stateMachines.filter((one) => one.type === 'STANDARD').map((one) => one.stateMachineArn);
  const statuses: (ExecutionStatus | undefined)[] = query.status?.length ? query.status : [undefined];
  const limit = query.limit ?? 50;
  const lists = await Promise.all(
    machines.flatMap((stateMachineArn) =>
      statuses.map((statusFilter) => call('ListExecutions', { stateMachineArn, maxResults: Math.min(limit * 4, 1000), ...(statusFilter ? { statusFilter } : {}) }, signal)),
    ),
  );
  const rows = lists.flatMap((page) => page.executions).filter((row) => fits(query, row.name, row.startDate));
  rows.sort((a, b) => b.startDate - a.startDate);
  return { executions: rows.slice(0, limit), isComplete: lists.every((page) => !page.nextToken) && rows.length <= limit };
}

const pageMax = 200; // of the server
const pagesMax = 20;

/** Page after page: one may end early, when the server has looked at enough for one request. */
async function searchPages(query: SearchQuery, signal: AbortSignal): Promise<SearchAnswer | undefined> {
  const limit = query.limit ?? 50;
  const executions: FoundExecution[] = [];
  let token: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const told = await askSearch({ ...query, limit: Math.min(limit - executions.length, pageMax), ...(token ? { token } : {}) }, signal);
    if (!told) {
      return undefined;
    }
    executions.push(...told.executions);
    token = told.nextToken;
    if (!token || executions.length >= limit) {
      break;
    }
  }
  return { executions, isComplete: token === undefined };
}

export async function searchExecutions(query: SearchQuery, signal: AbortSignal): Promise<SearchAnswer & { isListed?: boolean }> {
  // A version or an alias has executions of its own, which only the API's list knows.
  const isQualified = query.machine !== undefined && qualifierOf(query.machine) !== undefined;
  const told = isQualified ? undefined : await searchPages(query, signal);
  return told ?? { ...(await searchByListing(query, signal)), isListed: true };
}

export function useSearch(query: SearchQuery) {
  return useQuery({
    queryKey: ['search', query],
    placeholderData: keepPreviousData,
    refetchInterval: listInterval,
    queryFn: ({ signal }) => searchExecutions(query, signal),
  });
}

export function useVersions(arn: string) {
  return useQuery({
    queryKey: ['versions', arn],
    queryFn: ({ signal }) => collect('ListStateMachineVersions', { stateMachineArn: arn, maxResults: 1000 }, (page) => page.stateMachineVersions, 1000, signal),
  });
}

export function useAliases(arn: string) {
  return useQuery({
    queryKey: ['aliases', arn],
    queryFn: async ({ signal }) => {
      const rows = await collect('ListStateMachineAliases', { stateMachineArn: arn, maxResults: 1000 }, (page) => page.stateMachineAliases, 1000, signal);
      return Promise.all(rows.map((row) => call('DescribeStateMachineAlias', { stateMachineAliasArn: row.stateMachineAliasArn }, signal)));
    },
  });
}

export function useTags(arn: string) {
  return useQuery({ queryKey: ['tags', arn], queryFn: async ({ signal }) => (await call('ListTagsForResource', { resourceArn: arn }, signal)).tags });
}

export function refresh(...key: string[]): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: key });
}
