/** A definition as nodes and edges. A node's id is its state's name: names are unique in a whole definition. */
import { isObject, type JsonObject } from '@/api/json';
import { choiceText } from './choice-text';
import { innerWorkflows, isDistributed, stateType, textOf, type StateType, type Workflow } from './definition';
import { resourceLabel } from './resource';

export const startId = '\u0000start';
export const endId = '\u0000end';

export type NodeKind = StateType | 'Start' | 'End' | 'Unknown';

export interface GraphNode {
  id: string;
  kind: NodeKind;
  name: string;
  /** What it calls, or what it does, in a few words. */
  detail?: string;
  parent?: string;
  branch?: number;
  isContainer: boolean;
  isDistributed?: boolean;
  retries?: number;
}

export type EdgeKind = 'next' | 'choice' | 'default' | 'catch';

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  kind: EdgeKind;
  label?: string;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

function waitDetail(state: JsonObject): string | undefined {
  if (typeof state.Seconds === 'number') {
    return `${state.Seconds} s`;
  }
  return textOf(state.Seconds) ?? textOf(state.SecondsPath) ?? textOf(state.Timestamp) ?? textOf(state.TimestampPath);
}

function detailOf(state: JsonObject): string | undefined {
  switch (state.Type) {
    case 'Task':
      return resourceLabel(state);
    case 'Wait':
      return waitDetail(state);
    case 'Fail':
      return textOf(state.Error) ?? textOf(state.ErrorPath);
    case 'Map':
      return isDistributed(state) ? 'Distributed' : undefined;
    default:
      return undefined;
  }
}

function catchEdges(name: string, state: JsonObject, edges: GraphEdge[]): void {
  (Array.isArray(state.Catch) ? state.Catch : []).forEach((catcher, index) => {
    if (isObject(catcher) && typeof catcher.Next === 'string') {
      const errors = Array.isArray(catcher.ErrorEquals) ? catcher.ErrorEquals.join(', ') : '';
      edges.push({ id: `${name}\u0000catch${index}`, source: name, target: catcher.Next, kind: 'catch', label: errors });
    }
  });
}

function choiceEdges(name: string, state: JsonObject, edges: GraphEdge[]): void {
  (Array.isArray(state.Choices) ? state.Choices : []).forEach((rule, index) => {
    if (isObject(rule) && typeof rule.Next === 'string') {
      edges.push({ id: `${name}\u0000choice${index}`, source: name, target: rule.Next, kind: 'choice', label: choiceText(rule) });
    }
  });
  if (typeof state.Default === 'string') {
    edges.push({ id: `${name}\u0000default`, source: name, target: state.Default, kind: 'default', label: 'Default' });
  }
}

function isLast(state: JsonObject): boolean {
  return state.End === true || state.Type === 'Succeed' || state.Type === 'Fail';
}

function addState(name: string, state: JsonObject, parent: string | undefined, branch: number | undefined, graph: Graph): void {
  const retriers = Array.isArray(state.Retry) ? state.Retry.length : 0;
  const detail = detailOf(state);
  graph.nodes.push({
    id: name,
    kind: stateType(state) ?? 'Unknown',
    name,
    isContainer: innerWorkflows(state).length > 0,
    ...(detail ? { detail } : {}),
    ...(parent !== undefined ? { parent } : {}),
    ...(branch !== undefined ? { branch } : {}),
    ...(isDistributed(state) ? { isDistributed: true } : {}),
    ...(retriers ? { retries: retriers } : {}),
  });
  if (typeof state.Next === 'string' && state.Type !== 'Choice') {
    graph.edges.push({ id: `${name}\u0000next`, source: name, target: state.Next, kind: 'next' });
  }
  choiceEdges(name, state, graph.edges);
  catchEdges(name, state, graph.edges);
}

/** Edges to states that are not in the same scope are left out: validation tells of them. */
function dropLooseEdges(graph: Graph): Graph {
  const parents = new Map(graph.nodes.map((node) => [node.id, `${node.parent ?? ''}\u0000${node.branch ?? ''}`]));
  return {
    nodes: graph.nodes,
    edges: graph.edges.filter((edge) => parents.has(edge.target) && parents.get(edge.source) === parents.get(edge.target)),
  };
}

export function graphOf(workflow: Workflow): Graph {
  const graph: Graph = { nodes: [], edges: [] };
  const seen = new Set<string>();
  const waiting: { workflow: Workflow; parent?: string; branch?: number }[] = [{ workflow }];
  for (let scope = waiting.shift(); scope; scope = waiting.shift()) {
    for (const [name, state] of Object.entries(scope.workflow.States)) {
      if (!isObject(state) || seen.has(name)) {
        continue;
      }
      seen.add(name);
      addState(name, state, scope.parent, scope.branch, graph);
      innerWorkflows(state).forEach((inner, branch) => waiting.push({ workflow: inner, parent: name, branch }));
    }
  }
  const top = Object.entries(workflow.States).filter(([, state]) => isObject(state));
  graph.nodes.push({ id: startId, kind: 'Start', name: 'Start', isContainer: false });
  graph.nodes.push({ id: endId, kind: 'End', name: 'End', isContainer: false });
  if (typeof workflow.StartAt === 'string') {
    graph.edges.unshift({ id: 'start', source: startId, target: workflow.StartAt, kind: 'next' });
  }
  for (const [name, state] of top) {
    if (isLast(state)) {
      graph.edges.push({ id: `${name}\u0000end`, source: name, target: endId, kind: 'next' });
    }
  }
  return dropLooseEdges(graph);
}
