/** A run on its graph: what each state's node shows, for the iterations and branches that were picked. */
import { endId, startId } from '@/asl/graph';
import { transitionKey, type GraphMarks, type NodeMark } from '@/graph/marks';
import type { Run, Scope, Visit, VisitStatus } from './run';

/** The picked iteration or branch by the container's name; absent: all. */
export type Picks = Record<string, number>;

const urgency: VisitStatus[] = ['succeeded', 'aborted', 'caught', 'retrying', 'failed', 'timedOut', 'running'];

function moreUrgent(a: VisitStatus, b: VisitStatus): VisitStatus {
  return urgency.indexOf(a) >= urgency.indexOf(b) ? a : b;
}

export function isPicked(scope: Scope, picks: Picks): boolean {
  for (let at: Scope | undefined = scope; at?.owner; at = at.owner.scope) {
    const pick = picks[at.owner.name];
    if (pick !== undefined && pick !== at.index) {
      return false;
    }
  }
  return true;
}

/** A failure is final only once the state has been left or the run is over: until then a retry may come. */
export function shownStatus(visit: Visit, run: Run): VisitStatus {
  const mayRetry = visit.exitedAt === undefined && run.endedAt === undefined;
  return mayRetry && (visit.status === 'failed' || visit.status === 'timedOut') ? 'retrying' : visit.status;
}

function progressOf(visit: Visit): string | undefined {
  if (visit.type !== 'Map' || !visit.scopes.length) {
    return undefined;
  }
  const done = visit.scopes.filter((scope) => scope.status !== 'running').length;
  return `${done} of ${visit.length ?? visit.scopes.length}`;
}

function addTransitions(scope: Scope, taken: Set<string>): void {
  scope.visits.forEach((visit, index) => {
    const next = scope.visits[index + 1];
    if (next) {
      taken.add(transitionKey(visit.name, next.name, visit.status === 'caught'));
    }
  });
}

function merge(before: NodeMark | undefined, visit: Visit, status: VisitStatus): NodeMark {
  const progress = progressOf(visit);
  return {
    status: before ? (visit.scope.kind === 'root' ? status : moreUrgent(before.status, status)) : status,
    visits: (before?.visits ?? 0) + 1,
    attempts: visit.attempts.length,
    ...(progress ? { progress } : {}),
  };
}

export function marksOf(run: Run, picks: Picks): GraphMarks {
  const nodes = new Map<string, NodeMark>();
  const taken = new Set<string>();
  const scopes = new Set<Scope>();
  for (const visit of run.visits) {
    if (isPicked(visit.scope, picks)) {
      nodes.set(visit.name, merge(nodes.get(visit.name), visit, shownStatus(visit, run)));
      scopes.add(visit.scope);
    }
  }
  scopes.forEach((scope) => addTransitions(scope, taken));
  const [first] = run.root.visits;
  const last = run.root.visits.at(-1);
  if (first) {
    nodes.set(startId, { status: 'succeeded', visits: 1, attempts: 0 });
    taken.add(transitionKey(startId, first.name, false));
  }
  if (run.endedAt !== undefined && last) {
    nodes.set(endId, { status: run.root.status, visits: 1, attempts: 0 });
    taken.add(transitionKey(last.name, endId, false));
  }
  return { nodes, taken, isOver: run.endedAt !== undefined };
}
