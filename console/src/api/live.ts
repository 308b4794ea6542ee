/** One execution as it goes: its description and its history, by server-sent events or by asking again. */
import { useEffect, useReducer } from 'react';

import { call } from './aws';
import { followStream, untilVisible } from './follow-stream';
import type { Execution, HistoryEvent } from './types';

export interface LiveExecution {
  execution?: Execution;
  events: HistoryEvent[];
  /** The whole history so far has been read. */
  isComplete: boolean;
  error?: unknown;
}

const pageSize = 1000;
const againMs = 1000;

type Change = { kind: 'reset' } | { kind: 'execution'; execution: Execution } | { kind: 'events'; events: HistoryEvent[]; isComplete: boolean } | { kind: 'error'; error: unknown };

function reduce(state: LiveExecution, change: Change): LiveExecution {
  switch (change.kind) {
    case 'reset':
      return { events: [], isComplete: false };
    case 'execution':
      return { ...state, execution: change.execution, error: undefined };
    case 'events': {
      const last = state.events.at(-1)?.id ?? 0;
      const fresh = change.events.filter((event) => event.id > last);
      return fresh.length || change.isComplete !== state.isComplete ? { ...state, events: fresh.length ? [...state.events, ...fresh] : state.events, isComplete: change.isComplete } : state;
    }
    case 'error':
      return { ...state, error: change.error };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

class Follower {
  private token: string | undefined;
  private lastId = 0;
  private readUpTo = ''; // the description when the whole history had been read

  constructor(
    private readonly arn: string,
    private readonly signal: AbortSignal,
    private readonly change: (change: Change) => void,
  ) {}

  private async describe(): Promise<Execution> {
    const execution = await call('DescribeExecution', { executionArn: this.arn }, this.signal);
    this.change({ kind: 'execution', execution });
    return execution;
  }

  /** Reads on to the end of what there is. */
  private async readHistory(): Promise<void> {
    for (;;) {
      const page = await call('GetExecutionHistory', { executionArn: this.arn, maxResults: pageSize, ...(this.token ? { nextToken: this.token } : {}) }, this.signal);
      this.lastId = Math.max(this.lastId, page.events.at(-1)?.id ?? 0);
      this.change({ kind: 'events', events: page.events, isComplete: !page.nextToken });
      if (!page.nextToken) {
        return;
      }
      this.token = page.nextToken; // the last page is asked for again, since it grows
    }
  }

  /** False where the server has no stream. */
  private async stream(): Promise<boolean> {
    return followStream({ execution: this.arn, after: this.lastId }, this.signal, async (message) => {
      if (message.event === 'history') {
        const { events } = JSON.parse(message.data) as { events: HistoryEvent[] };
        this.lastId = Math.max(this.lastId, events.at(-1)?.id ?? 0);
        this.change({ kind: 'events', events, isComplete: true });
      } else if (message.event === 'status') {
        await this.describe();
      }
    });
  }

  /** Until aborted: a redrive may wake an execution that has ended. */
  async follow(): Promise<void> {
    while (!this.signal.aborted) {
      try {
        await untilVisible(this.signal);
        const execution = await this.describe();
        const told = JSON.stringify([execution.status, execution.redriveCount, execution.stopDate]);
        if (execution.status === 'RUNNING' || this.readUpTo !== told) {
          await this.readHistory();
          this.readUpTo = told;
        }
        const hasStream = await this.stream();
        await pause(hasStream || execution.status === 'RUNNING' ? againMs : 3 * againMs, this.signal);
      } catch (error) {
        if (this.signal.aborted) {
          return;
        }
        this.change({ kind: 'error', error });
        await pause(3 * againMs, this.signal);
      }
    }
  }
}

export function useLiveExecution(arn: string): LiveExecution {
  const [state, change] = useReducer(reduce, { events: [], isComplete: false });
  useEffect(() => {
    const control = new AbortController();
    change({ kind: 'reset' });
    void new Follower(arn, control.signal, change).follow();
    return () => control.abort();
  }, [arn]);
  return state;
}
