/** The results of Express executions that this browser tab has waited for: the server keeps none. */
import type { Output } from '@/api/operations';

export type ExpressResult = Output<'StartSyncExecution'> & { input: string };

const keptMax = 20;
const storageKey = 'gait.express';
let results: ExpressResult[] | undefined;

function read(): ExpressResult[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function all(): ExpressResult[] {
  results ??= read();
  return results;
}

export function keepExpressResult(result: ExpressResult): void {
  results = [result, ...all()].slice(0, keptMax);
  // What the tab may store is limited: the oldest ones are forgotten at a reload.
  for (let count = results.length; count > 0; count = Math.floor(count / 2)) {
    try {
      sessionStorage.setItem(storageKey, JSON.stringify(results.slice(0, count)));
      return;
    } catch {
      // Full, or denied.
    }
  }
}

export function expressResult(executionArn: string): ExpressResult | undefined {
  return all().find((one) => one.executionArn === executionArn);
}
