/** Changes to a workflow, as the canvas makes them. Each gives a new workflow and leaves the old one as it is. */
import { isObject, type JsonObject } from '@/api/json';
import { innerWorkflows, isWorkflow, type StateType, type Workflow } from './definition';

/** Where a state is put: into a transition, after a state, into a container, or at the end. */
export type Place = { edge: string } | { after: string } | { inside: string } | 'end';

export interface Change {
  workflow: Workflow;
  /** The state to select afterwards. */
  state?: string;
}

interface Scope {
  workflow: Workflow;
  owner?: string;
}

function scopes(workflow: Workflow): Scope[] {
  const found: Scope[] = [{ workflow }];
  for (let index = 0; index < found.length; index++) {
    for (const [name, state] of Object.entries(found[index]?.workflow.States ?? {})) {
      if (isObject(state)) {
        found.push(...innerWorkflows(state).map((inner) => ({ workflow: inner, owner: name })));
      }
    }
  }
  return found;
}

function scopeOf(workflow: Workflow, state: string): Workflow | undefined {
  return scopes(workflow).find((scope) => Object.hasOwn(scope.workflow.States, state))?.workflow;
}

export function stateNamed(workflow: Workflow, name: string): JsonObject | undefined {
  return scopeOf(workflow, name)?.States[name];
}

/** The names that a state may lead to: those of its own scope. */
export function namesBeside(workflow: Workflow, name: string): string[] {
  return Object.keys(scopeOf(workflow, name)?.States ?? {});
}

function allNames(workflow: Workflow): Set<string> {
  return new Set(scopes(workflow).flatMap((scope) => Object.keys(scope.workflow.States)));
}

function freshName(taken: Set<string>, wish: string): string {
  let name = wish;
  for (let count = 2; taken.has(name); count++) {
    name = `${wish} (${count})`;
  }
  taken.add(name);
  return name;
}

function isJsonata(workflow: Workflow): boolean {
  return workflow.QueryLanguage === 'JSONata';
}

function onePass(taken: Set<string>): Workflow {
  const name = freshName(taken, 'Pass');
  return { StartAt: name, States: { [name]: { Type: 'Pass', End: true } } };
}

const makers: Record<StateType, (taken: Set<string>, jsonata: boolean) => JsonObject> = {
  Task: (_, jsonata) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', [jsonata ? 'Arguments' : 'Parameters']: { FunctionName: 'myFunction' } }),
  Pass: () => ({ Type: 'Pass' }),
  Choice: () => ({ Type: 'Choice', Choices: [] }),
  Wait: () => ({ Type: 'Wait', Seconds: 5 }),
  Succeed: () => ({ Type: 'Succeed' }),
  Fail: () => ({ Type: 'Fail', Error: 'Failed', Cause: 'Say here what happened' }),
  Parallel: (taken) => ({ Type: 'Parallel', Branches: [onePass(taken), onePass(taken)] }),
  Map: (taken) => ({ Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...onePass(taken) } }),
};

const terminal = new Set(['Succeed', 'Fail']);

/** Lets a state lead on to another one, or end where there is none. */
function leadTo(state: JsonObject, next: string | undefined, scope: Workflow, taken: Set<string>, jsonata: boolean): void {
  if (terminal.has(String(state.Type))) {
    return;
  }
  if (state.Type === 'Choice') {
    const target = next ?? freshName(taken, 'Done');
    if (next === undefined) {
      scope.States[target] = { Type: 'Succeed' };
    }
    const rule: JsonObject = jsonata ? { Condition: '{% true %}', Next: target } : { Variable: '$.value', IsPresent: true, Next: target };
    state.Choices = Array.isArray(state.Choices) && state.Choices.length ? state.Choices : [rule];
    state.Default = target;
    return;
  }
  if (next === undefined) {
    delete state.Next;
    state.End = true;
  } else {
    delete state.End;
    state.Next = next;
  }
}

/** The transition of an edge's id (asl/graph.ts): read it, or point it elsewhere. */
function transition(workflow: Workflow, edge: string): { scope: Workflow; target: string | undefined; set: (target: string) => void } | undefined {
  if (edge === 'start') {
    return { scope: workflow, target: workflow.StartAt, set: (target) => void (workflow.StartAt = target) };
  }
  const [name = '', kind = ''] = edge.split('\u0000');
  const scope = scopeOf(workflow, name);
  const state = scope?.States[name];
  if (!scope || !state) {
    return undefined;
  }
  const [, list, index] = /^(choice|catch)(\d+)$/.exec(kind) ?? [];
  if (list) {
    const items = list === 'choice' ? state.Choices : state.Catch;
    const item = Array.isArray(items) ? items[Number(index)] : undefined;
    return isObject(item) ? { scope, target: String(item.Next), set: (target) => void (item.Next = target) } : undefined;
  }
  if (kind === 'default') {
    return { scope, target: String(state.Default), set: (target) => void (state.Default = target) };
  }
  const next = typeof state.Next === 'string' ? state.Next : undefined;
  return {
    scope,
    target: next,
    set: (target) => {
      if (!terminal.has(String(state.Type))) {
        delete state.End;
        state.Next = target;
      }
    },
  };
}

function lastOf(scope: Workflow): string | undefined {
  return Object.keys(scope.States).findLast((name) => scope.States[name]?.End === true);
}

/** Puts a state that is not there yet into its place. */
function insert(workflow: Workflow, name: string, state: JsonObject, place: Place): boolean {
  const taken = allNames(workflow);
  taken.add(name);
  const jsonata = isJsonata(workflow);
  const put = (scope: Workflow, next: string | undefined): void => {
    scope.States[name] = state;
    leadTo(state, next, scope, taken, jsonata);
  };
  if (place !== 'end' && 'edge' in place) {
    const found = transition(workflow, place.edge);
    if (found) {
      put(found.scope, found.target);
      found.set(name);
    }
    return found !== undefined;
  }
  if (place !== 'end' && 'inside' in place) {
    const owner = stateNamed(workflow, place.inside);
    if (owner?.Type === 'Parallel' && Array.isArray(owner.Branches)) {
      const branch: Workflow = { StartAt: name, States: {} };
      owner.Branches.push(branch);
      put(branch, undefined);
      return true;
    }
    const inner = owner ? innerWorkflows(owner)[0] : undefined;
    return inner ? append(inner, name, put) : false;
  }
  if (place !== 'end') {
    const scope = scopeOf(workflow, place.after);
    const before = scope?.States[place.after];
    if (!scope || !before) {
      return false;
    }
    if (before.Type === 'Choice') {
      put(scope, undefined);
      const rule: JsonObject = jsonata ? { Condition: '{% true %}', Next: name } : { Variable: '$.value', IsPresent: true, Next: name };
      before.Choices = [...(Array.isArray(before.Choices) ? before.Choices : []), rule];
      return true;
    }
    put(scope, typeof before.Next === 'string' ? before.Next : undefined);
    leadTo(before, name, scope, taken, jsonata);
    return true;
  }
  return append(workflow, name, put);
}

function append(scope: Workflow, name: string, put: (scope: Workflow, next: string | undefined) => void): boolean {
  const last = lastOf(scope);
  const before = last === undefined ? undefined : scope.States[last];
  const isFirst = Object.keys(scope.States).length === 0;
  put(scope, undefined);
  if (isFirst) {
    scope.StartAt = name;
  } else if (before) {
    delete before.End;
    before.Next = name;
  }
  return true;
}

export function addState(old: Workflow, type: StateType, place: Place): Change {
  const workflow = structuredClone(old);
  const taken = allNames(workflow);
  const name = freshName(taken, type);
  const state = makers[type](taken, isJsonata(workflow));
  return insert(workflow, name, state, place) ? { workflow, state: name } : { workflow: old };
}

/** Everything in a scope that leads to a state leads elsewhere, or nowhere. */
function redirect(scope: Workflow, from: string, to: string | undefined): void {
  if (scope.StartAt === from) {
    scope.StartAt = to ?? Object.keys(scope.States).find((name) => name !== from) ?? '';
  }
  for (const state of Object.values(scope.States)) {
    for (const list of ['Choices', 'Catch']) {
      const items = state[list];
      if (Array.isArray(items)) {
        items.forEach((item) => isObject(item) && item.Next === from && to !== undefined && (item.Next = to));
        state[list] = items.filter((item) => !(isObject(item) && item.Next === from));
      }
    }
    if (Array.isArray(state.Catch) && !state.Catch.length) {
      delete state.Catch;
    }
    if (state.Default === from) {
      to === undefined ? delete state.Default : (state.Default = to);
    }
    if (state.Next === from) {
      to === undefined ? delete state.Next : (state.Next = to);
      if (to === undefined) {
        state.End = true;
      }
    }
  }
}

function takeOut(workflow: Workflow, name: string): JsonObject | undefined {
  const scope = scopeOf(workflow, name);
  const state = scope?.States[name];
  if (!scope || !state) {
    return undefined;
  }
  const next = typeof state.Next === 'string' ? state.Next : typeof state.Default === 'string' ? state.Default : undefined;
  redirect(scope, name, next === name ? undefined : next);
  delete scope.States[name];
  return state;
}

function dropEmptyBranches(workflow: Workflow): void {
  for (const scope of scopes(workflow)) {
    for (const state of Object.values(scope.workflow.States)) {
      if (Array.isArray(state.Branches)) {
        state.Branches = state.Branches.filter((branch) => !isWorkflow(branch) || Object.keys(branch.States).length > 0);
      }
    }
  }
}

export function removeState(old: Workflow, name: string): Change {
  const workflow = structuredClone(old);
  takeOut(workflow, name);
  dropEmptyBranches(workflow);
  return { workflow };
}

function isWithin(workflow: Workflow, container: string, name: string): boolean {
  const state = stateNamed(workflow, container);
  return state !== undefined && innerWorkflows(state).some((inner) => allNames(inner).has(name));
}

/** Takes a state out of its place and puts it into another. */
export function moveState(old: Workflow, name: string, place: Place): Change {
  const target = place === 'end' ? '' : 'edge' in place ? (place.edge.split('\u0000')[0] ?? '') : 'after' in place ? place.after : place.inside;
  if (target === name || isWithin(old, name, target)) {
    return { workflow: old, state: name };
  }
  const workflow = structuredClone(old);
  const before = transitionTarget(workflow, place);
  const state = takeOut(workflow, name);
  if (!state || before === name) {
    return { workflow: old, state: name };
  }
  delete state.Next;
  delete state.End;
  const isPut = insert(workflow, name, state, place);
  dropEmptyBranches(workflow);
  return isPut ? { workflow, state: name } : { workflow: old, state: name };
}

function transitionTarget(workflow: Workflow, place: Place): string | undefined {
  return place !== 'end' && 'edge' in place ? transition(workflow, place.edge)?.target : undefined;
}

export function connectStates(old: Workflow, source: string, target: string): Change {
  const workflow = structuredClone(old);
  const scope = scopeOf(workflow, source);
  const state = scope?.States[source];
  if (!scope || !state || !Object.hasOwn(scope.States, target) || terminal.has(String(state.Type))) {
    return { workflow: old };
  }
  if (state.Type === 'Choice') {
    const rule: JsonObject = isJsonata(workflow) ? { Condition: '{% true %}', Next: target } : { Variable: '$.value', IsPresent: true, Next: target };
    state.Choices = [...(Array.isArray(state.Choices) ? state.Choices : []), rule];
  } else {
    delete state.End;
    state.Next = target;
  }
  return { workflow, state: source };
}

export function renameState(old: Workflow, from: string, to: string): Change {
  if (!to || to === from || allNames(old).has(to)) {
    return { workflow: old, state: from };
  }
  const workflow = structuredClone(old);
  const scope = scopeOf(workflow, from);
  if (!scope) {
    return { workflow: old };
  }
  redirect(scope, from, to);
  scope.States = Object.fromEntries(Object.entries(scope.States).map(([name, state]) => [name === from ? to : name, state]));
  return { workflow, state: to };
}

export function replaceState(old: Workflow, name: string, state: JsonObject): Change {
  const workflow = structuredClone(old);
  const scope = scopeOf(workflow, name);
  if (scope) {
    scope.States[name] = state;
  }
  return { workflow, state: name };
}

/** Sets a field of a state, or removes it. Next and End exclude each other. */
export function setField(old: Workflow, name: string, field: string, value: JsonObject[string] | undefined): Change {
  const state = stateNamed(old, name);
  if (!state) {
    return { workflow: old };
  }
  const changed = structuredClone(state);
  if (value === undefined) {
    delete changed[field];
  } else {
    changed[field] = value;
  }
  if (value !== undefined && field === 'Next') {
    delete changed.End;
  }
  if (value !== undefined && field === 'End') {
    delete changed.Next;
  }
  return replaceState(old, name, changed);
}
