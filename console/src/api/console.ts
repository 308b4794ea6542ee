/** The server's own API beside AWS's (docs/internals/console-api.md). Each path is optional. */
import { sendRequest } from './request';
import { getSession } from './session';
import type { Json } from './json';
import type { ExecutionStatus, ExecutionSummary, MapRunSummary, StatusCounts } from './types';

export interface SearchQuery {
  q?: string;
  machine?: string;
  status?: ExecutionStatus[];
  after?: number;
  before?: number;
  limit?: number;
  token?: string;
}

export interface FoundExecution extends ExecutionSummary {
  match?: { in: 'name' | 'input' | 'output' | 'error' | 'cause'; excerpt: string };
}

export interface SearchAnswer {
  executions: FoundExecution[];
  nextToken?: string;
  isComplete: boolean;
}

export interface CountsAnswer {
  machines: { stateMachineArn: string; counts: StatusCounts }[];
}

export interface MetricsPoint {
  time: number;
  started: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  durationMsSum: number;
  durationMsP50: number;
  durationMsP95: number;
  transitions: number;
}

export interface MetricsAnswer {
  stepSeconds: number;
  points: MetricsPoint[];
}

export interface EvaluateInput {
  language: 'jsonata' | 'jsonpath' | 'intrinsic';
  expression: string;
  data: Json;
  variables?: Json;
}

export interface EvaluateAnswer {
  result?: Json;
  isUndefined?: boolean;
  error?: { name: string; message: string; position?: number };
}

export interface FoundMapRun extends MapRunSummary {
  status?: string;
  total?: number;
  succeeded?: number;
  unsuccessful?: number;
  redriveCount?: number;
}

export interface MapRunsAnswer {
  mapRuns: FoundMapRun[];
  nextToken?: string;
}

function parameters(values: Record<string, string | number | undefined>): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
}

/** The answer, or undefined where the server has no such path. */
async function ask(path: string, query: [string, string][], signal?: AbortSignal, body?: string): Promise<Response | undefined> {
  if (!getSession().paths.includes(path)) {
    return undefined;
  }
  return sendRequest({
    method: body === undefined ? 'GET' : 'POST',
    path: `/console/api/${path}`,
    target: `GaitConsole.${path}`,
    query,
    ...(body === undefined ? {} : { body }),
    ...(signal ? { signal } : {}),
  });
}

async function askJson<T>(path: string, query: [string, string][], signal?: AbortSignal, body?: string): Promise<T | undefined> {
  const answer = await ask(path, query, signal, body);
  return answer ? ((await answer.json()) as T) : undefined;
}

export function askCounts(signal?: AbortSignal): Promise<CountsAnswer | undefined> {
  return askJson('counts', [], signal);
}

export function askSearch(query: SearchQuery, signal?: AbortSignal): Promise<SearchAnswer | undefined> {
  return askJson('search', parameters({ ...query, status: query.status?.join(',') }), signal);
}

export function askMapRuns(query: { limit: number; token?: string }, signal?: AbortSignal): Promise<MapRunsAnswer | undefined> {
  return askJson('map-runs', parameters(query), signal);
}

export function askMetrics(minutes: number, machine?: string, signal?: AbortSignal): Promise<MetricsAnswer | undefined> {
  return askJson('metrics', parameters({ minutes, machine }), signal);
}

export function askEvaluate(input: EvaluateInput, signal?: AbortSignal): Promise<EvaluateAnswer | undefined> {
  return askJson('evaluate', [], signal, JSON.stringify(input));
}

/** A stream of server-sent events; undefined where the server has none. */
export async function askEvents(
  of: { execution?: string; machine?: string; after?: number },
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const answer = await ask('events', parameters(of), signal);
  return answer?.body ?? undefined;
}
