/** Points of the metrics page: the server's, or counted from the newest executions. */
import { call } from '@/api/aws';
import { askMetrics, type MetricsAnswer, type MetricsPoint } from '@/api/console';
import type { ExecutionSummary } from '@/api/types';

const stepSeconds = 60;

function quantile(sorted: number[], part: number): number {
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0;
}

function pointOf(time: number, rows: ExecutionSummary[]): MetricsPoint {
  const inStep = (at: number | undefined): boolean => at !== undefined && at >= time && at < time + stepSeconds;
  const ended = rows.filter((row) => inStep(row.stopDate));
  const durations = ended.map((row) => ((row.stopDate ?? 0) - row.startDate) * 1000).sort((a, b) => a - b);
  const count = (status: string): number => ended.filter((row) => row.status === status).length;
  return {
    time,
    started: rows.filter((row) => inStep(row.startDate)).length,
    succeeded: count('SUCCEEDED'),
    failed: count('FAILED'),
    timedOut: count('TIMED_OUT'),
    aborted: count('ABORTED'),
    durationMsSum: durations.reduce((sum, one) => sum + one, 0),
    durationMsP50: quantile(durations, 0.5),
    durationMsP95: quantile(durations, 0.95),
    transitions: 0,
  };
}

/** Without the server's own figures: the newest thousand executions of each of the first machines. */
async function countFromLists(minutes: number, machine: string | undefined, signal?: AbortSignal): Promise<MetricsAnswer> {
  const machines = machine ? [machine] : (await call('ListStateMachines', { maxResults: 20 }, signal)).stateMachines.filter((one) => one.type === 'STANDARD').map((one) => one.stateMachineArn);
  const pages = await Promise.all(machines.map((stateMachineArn) => call('ListExecutions', { stateMachineArn, maxResults: 1000 }, signal)));
  const rows = pages.flatMap((page) => page.executions);
  const last = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
  return { stepSeconds, points: Array.from({ length: minutes }, (_, index) => pointOf(last - (minutes - 1 - index) * stepSeconds, rows)) };
}

export async function readMetrics(minutes: number, machine: string | undefined, signal?: AbortSignal): Promise<MetricsAnswer> {
  return (await askMetrics(minutes, machine, signal)) ?? countFromLists(minutes, machine, signal);
}
