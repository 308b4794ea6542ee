/**
 * A run, as its history tells it: a tree of visits. A visit is one stay in a state; a Map's iterations and
 * a Parallel's branches are scopes that hold visits of their own.
 *
 * Events name the one that caused them (previousEventId), and so each event is placed by the place of its cause:
 *
 *   StateEntered        opens a visit in the scope of its cause
 *   MapIterationStarted opens the scope of an iteration
 *   StateExited         closes the visit of that name, found from its cause outward
 *   all others          belong to the visit of their cause
 */
import { innerWorkflows, type Workflow } from '@/asl/definition';
import type { HistoryEvent } from '@/api/types';
import { applyTaskEvent } from './attempts';
import { enteredType, eventDetails, isExit } from './event';

export type VisitStatus = 'running' | 'succeeded' | 'failed' | 'caught' | 'aborted' | 'retrying' | 'timedOut';

export interface Attempt {
  scheduledAt: number;
  startedAt?: number;
  endedAt?: number;
  status: 'running' | 'succeeded' | 'failed' | 'timedOut' | 'aborted';
  resource?: string;
  resourceType?: string;
  parameters?: string;
  output?: string;
  error?: string;
  cause?: string;
  eventId: number;
}

export interface Visit {
  id: number; // of the event that entered it
  name: string;
  type: string;
  scope: Scope;
  status: VisitStatus;
  enteredAt: number;
  exitedAt?: number;
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  assigned?: Record<string, string>;
  attempts: Attempt[];
  scopes: Scope[]; // iterations or branches, in order
  length?: number; // of the array that a Map goes over
  mapRunArn?: string;
  childExecutionArn?: string;
  lastEventId: number;
}

export interface Scope {
  kind: 'root' | 'iteration' | 'branch';
  index: number;
  owner?: Visit;
  visits: Visit[];
  status: VisitStatus;
  startedAt: number;
  endedAt?: number;
}

export interface Run {
  root: Scope;
  visits: Visit[]; // all, in order of entering
  byId: Map<number, Visit>;
  /** The visit that each event belongs to, by the event's id. */
  visitOf: Map<number, Visit>;
  /** What went wrong first on the way to the run's end. */
  failing?: Visit;
  startedAt: number;
  endedAt?: number;
  lastAt: number;
}

interface Place {
  scope: Scope;
  visit?: Visit;
}

export class RunBuilder {
  readonly run: Run;
  private readonly places = new Map<number, Place>();
  private readonly branchOf = new Map<string, Map<string, number>>();

  constructor(workflow: Workflow | undefined) {
    const root: Scope = { kind: 'root', index: 0, visits: [], status: 'running', startedAt: 0 };
    this.run = { root, visits: [], byId: new Map(), visitOf: new Map(), startedAt: 0, lastAt: 0 };
    if (workflow) {
      this.learnBranches(workflow);
    }
  }

  private learnBranches(workflow: Workflow): void {
    const waiting = [workflow];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const [name, state] of Object.entries(next.States)) {
        const inner = innerWorkflows(state);
        waiting.push(...inner);
        if (state.Type === 'Parallel') {
          const branches = new Map(inner.flatMap((branch, index) => Object.keys(branch.States).map((n): [string, number] => [n, index])));
          this.branchOf.set(name, branches);
        }
      }
    }
  }

  private branchScope(owner: Visit, stateName: string, at: number): Scope {
    const index = this.branchOf.get(owner.name)?.get(stateName) ?? owner.scopes.length;
    const known = owner.scopes.find((scope) => scope.index === index);
    if (known) {
      return known;
    }
    const scope: Scope = { kind: 'branch', index, owner, visits: [], status: 'running', startedAt: at };
    owner.scopes.push(scope);
    owner.scopes.sort((a, b) => a.index - b.index);
    return scope;
  }

  private enter(event: HistoryEvent, cause: Place, type: string): Place {
    const details = eventDetails(event);
    const name = details.name ?? '';
    let scope = cause.scope;
    const around = cause.visit;
    if (around && around.type === 'Parallel' && around.exitedAt === undefined && around.name !== name) {
      scope = this.branchScope(around, name, event.timestamp);
    }
    const visit: Visit = {
      id: event.id,
      name,
      type,
      scope,
      status: 'running',
      enteredAt: event.timestamp,
      attempts: [],
      scopes: [],
      lastEventId: event.id,
      ...(details.input !== undefined ? { input: details.input } : {}),
    };
    scope.visits.push(visit);
    this.run.visits.push(visit);
    this.run.byId.set(visit.id, visit);
    return { scope, visit };
  }

  private exit(event: HistoryEvent, cause: Place): Place {
    const details = eventDetails(event);
    const visit = this.findOpen(cause, details.name ?? '');
    if (!visit) {
      return cause;
    }
    const hasFailed = visit.status === 'failed' || visit.status === 'timedOut' || visit.status === 'retrying';
    visit.status = hasFailed ? 'caught' : 'succeeded';
    visit.exitedAt = event.timestamp;
    if (details.output !== undefined) {
      visit.output = details.output;
    }
    if (details.assignedVariables) {
      visit.assigned = details.assignedVariables;
    }
    if (visit.scope.kind === 'branch') {
      visit.scope.endedAt = event.timestamp;
    }
    for (const scope of visit.scopes) {
      this.closeScope(scope, event.timestamp, hasFailed ? 'aborted' : 'succeeded');
    }
    return { scope: visit.scope, visit };
  }

  /** From a place outward: the visit of that name that is still open. */
  private findOpen(from: Place, name: string): Visit | undefined {
    let visit = from.visit;
    let scope: Scope | undefined = from.scope;
    while (visit || scope) {
      if (visit && visit.name === name && visit.exitedAt === undefined) {
        return visit;
      }
      visit = visit ? visit.scope.owner : scope?.owner;
      scope = undefined;
    }
    return this.run.visits.findLast((open) => open.name === name && open.exitedAt === undefined);
  }

  private closeScope(scope: Scope, at: number, status: VisitStatus): void {
    if (scope.endedAt === undefined) {
      scope.endedAt = at;
    }
    if (scope.status === 'running') {
      scope.status = status;
    }
    for (const visit of scope.visits) {
      if (visit.exitedAt === undefined) {
        this.closeVisit(visit, at, status === 'succeeded' ? visit.status : 'aborted');
      }
    }
  }

  private closeVisit(visit: Visit, at: number, status: VisitStatus): void {
    visit.exitedAt = at;
    visit.status = visit.status === 'failed' || visit.status === 'timedOut' ? visit.status : status;
    visit.attempts.forEach((attempt) => {
      if (attempt.status === 'running') {
        attempt.status = 'aborted';
        attempt.endedAt = at;
      }
    });
    visit.scopes.forEach((scope) => this.closeScope(scope, at, 'aborted'));
  }

  /** Iterations of a Map. */
  private iteration(event: HistoryEvent, cause: Place): Place {
    const index = eventDetails(event).index ?? 0;
    const owner = cause.visit?.type === 'Map' && cause.visit.exitedAt === undefined ? cause.visit : this.ownerOf(cause, eventDetails(event).name);
    if (!owner) {
      return cause;
    }
    if (event.type === 'MapIterationStarted') {
      const scope: Scope = { kind: 'iteration', index, owner, visits: [], status: 'running', startedAt: event.timestamp };
      owner.scopes.push(scope);
      return { scope };
    }
    const scope = owner.scopes.findLast((one) => one.index === index);
    if (scope) {
      scope.endedAt = event.timestamp;
      scope.status = event.type.endsWith('Succeeded') ? 'succeeded' : event.type.endsWith('Aborted') ? 'aborted' : 'failed';
      for (const visit of scope.visits.filter((open) => open.exitedAt === undefined)) {
        this.closeVisit(visit, event.timestamp, scope.status === 'failed' ? 'failed' : 'aborted');
      }
    }
    return { scope: owner.scope, visit: owner };
  }

  private ownerOf(place: Place, name: string | undefined): Visit | undefined {
    let visit = place.visit ?? place.scope.owner;
    while (visit && !(visit.type === 'Map' && (name === undefined || visit.name === name))) {
      visit = visit.scope.owner;
    }
    return visit;
  }

  /** MapStateFailed, ParallelStateSucceeded and the like. */
  private container(event: HistoryEvent, cause: Place): Place {
    const type = event.type.startsWith('Map') ? 'Map' : 'Parallel';
    let visit = cause.visit ?? cause.scope.owner;
    while (visit && (visit.type !== type || visit.exitedAt !== undefined)) {
      visit = visit.scope.owner;
    }
    if (!visit) {
      return cause;
    }
    const details = eventDetails(event);
    if (event.type.endsWith('Started')) {
      visit.status = 'running';
      if (details.length !== undefined) {
        visit.length = details.length;
      }
    } else if (event.type.endsWith('Succeeded')) {
      visit.scopes.forEach((scope) => this.closeScope(scope, event.timestamp, 'succeeded'));
    } else {
      const isFailure = event.type.endsWith('Failed');
      for (let inner = cause.visit; isFailure && inner && inner !== visit; inner = inner.scope.owner) {
        inner.status = inner.exitedAt === undefined ? 'failed' : inner.status;
        inner.scope.status = 'failed';
      }
      visit.status = isFailure ? 'failed' : 'aborted';
      visit.error = details.error ?? visit.error;
      visit.cause = details.cause ?? visit.cause;
      visit.scopes.forEach((scope) => this.closeScope(scope, event.timestamp, 'aborted'));
    }
    visit.lastEventId = event.id;
    return { scope: visit.scope, visit };
  }

  /**
   * "WaitStateAborted" and the like name no state. Their cause is what failed, and what is aborted is open beside it: of
   * the containers around the failure, the innermost that has an open state of that type.
   */
  private abortedBy(cause: Place, type: string): Visit | undefined {
    const own = cause.visit;
    if (own && own.type === type && own.exitedAt === undefined && own.status !== 'failed' && own.status !== 'timedOut') {
      return own;
    }
    const failed = new Set<Visit>();
    for (let around = own ?? cause.scope.owner; around; around = around.scope.owner) {
      failed.add(around);
      let found = this.openWithin(around, type, failed);
      for (let inner = found; inner; inner = this.openWithin(inner, type, failed)) {
        found = inner; // what is inside is aborted before what it is in
      }
      if (found) {
        return found;
      }
    }
    return undefined;
  }

  private openWithin(container: Visit, type: string, except: ReadonlySet<Visit>): Visit | undefined {
    const waiting = container.scopes.flatMap((scope) => scope.visits).reverse();
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (next.type === type && next.exitedAt === undefined && !except.has(next)) {
        return next;
      }
      waiting.push(...next.scopes.flatMap((scope) => scope.visits).reverse());
    }
    return undefined;
  }

  private finish(event: HistoryEvent, cause: Place): Place {
    const status: VisitStatus = event.type.endsWith('Succeeded')
      ? 'succeeded'
      : event.type.endsWith('Aborted')
        ? 'aborted'
        : event.type.endsWith('TimedOut')
          ? 'timedOut'
          : 'failed';
    const details = eventDetails(event);
    if (status === 'failed') {
      const failing = cause.visit ?? cause.scope.owner;
      for (let visit = failing; visit; visit = visit.scope.owner) {
        if (visit.exitedAt === undefined) {
          visit.status = 'failed';
          visit.error ??= details.error;
          visit.cause ??= details.cause;
        }
      }
      this.run.failing = this.innermostFailure(failing) ?? failing;
    }
    this.run.endedAt = event.timestamp;
    this.closeScope(this.run.root, event.timestamp, status === 'succeeded' ? 'succeeded' : status === 'timedOut' ? 'timedOut' : 'aborted');
    this.run.root.status = status;
    return { scope: this.run.root };
  }

  private innermostFailure(from: Visit | undefined): Visit | undefined {
    let found = from;
    for (;;) {
      const inner: Visit | undefined = found?.scopes.flatMap((scope) => scope.visits).find((visit) => visit.status === 'failed' || visit.status === 'timedOut');
      if (!inner) {
        return found;
      }
      found = inner;
    }
  }

  private redrive(event: HistoryEvent): Place {
    const { run } = this;
    run.root.status = 'running';
    delete run.root.endedAt;
    delete run.endedAt;
    delete run.failing;
    for (const visit of run.visits) {
      if (visit.status === 'failed' || visit.status === 'aborted' || visit.status === 'timedOut') {
        visit.status = 'running';
        delete visit.exitedAt;
        delete visit.scope.endedAt;
        visit.scope.status = 'running';
      }
    }
    run.lastAt = event.timestamp;
    return { scope: run.root };
  }

  private place(event: HistoryEvent): Place {
    const cause = this.places.get(event.previousEventId ?? 0) ?? { scope: this.run.root };
    const { type } = event;
    const entered = enteredType(type);
    if (entered) {
      return this.enter(event, cause, entered);
    }
    if (isExit(type)) {
      return this.exit(event, cause);
    }
    if (type === 'ExecutionStarted') {
      this.run.startedAt = event.timestamp;
      this.run.root.startedAt = event.timestamp;
      return { scope: this.run.root };
    }
    if (type === 'ExecutionRedriven') {
      return this.redrive(event);
    }
    if (/^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type)) {
      return this.finish(event, cause);
    }
    if (type.startsWith('MapIteration')) {
      return this.iteration(event, cause);
    }
    const aborted = /^(\w+)StateAborted$/.exec(type)?.[1];
    const beside = aborted === undefined ? undefined : this.abortedBy(cause, aborted);
    if (beside) {
      this.closeVisit(beside, event.timestamp, 'aborted');
      return { scope: beside.scope, visit: beside };
    }
    if (/^(Map|Parallel)State(Started|Succeeded|Failed|Aborted)$/.test(type)) {
      return this.container(event, cause);
    }
    const stateName = eventDetails(event).state; // of EvaluationFailed, which names no cause
    const visit = stateName === undefined ? cause.visit : this.findOpen(cause, stateName);
    if (visit) {
      applyTaskEvent(visit, event);
      return { scope: visit.scope, visit };
    }
    return cause;
  }

  add(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      this.run.lastAt = event.timestamp;
      const place = this.place(event);
      this.places.set(event.id, place);
      const visit = place.visit ?? place.scope.owner;
      if (visit) {
        this.run.visitOf.set(event.id, visit);
        visit.lastEventId = event.id;
      }
    }
  }
}

export function buildRun(workflow: Workflow | undefined, events: readonly HistoryEvent[]): Run {
  const builder = new RunBuilder(workflow);
  builder.add(events);
  return builder.run;
}
