/** What a run shows on the graph. */
import type { VisitStatus } from '@/history/run';

export interface NodeMark {
  status: VisitStatus;
  /** How often the state was entered, where more than once. */
  visits: number;
  /** Tries of the last visit, where more than one. */
  attempts: number;
  /** For containers: "3 of 10". */
  progress?: string;
}

export interface GraphMarks {
  nodes: Map<string, NodeMark>;
  /** Keys of the transitions that were made. */
  taken: Set<string>;
  isOver: boolean;
}

/** Names a transition; that of a caught error is another one. */
export function transitionKey(source: string, target: string, isCatch: boolean): string {
  return `${source}\u0000${target}${isCatch ? '\u0000catch' : ''}`;
}
