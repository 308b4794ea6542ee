/**
 * Places for a graph's nodes, found by elkjs in a worker of our own origin. Containers are laid out from the inside
 * out; edges never cross a container's border, since a state's Next stays in its scope.
 */
import ElkConstructor, { type ElkEdgeSection, type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';

import type { Graph, GraphEdge, GraphNode } from '@/asl/graph';

export interface Point {
  x: number;
  y: number;
}

export interface PlacedNode {
  node: GraphNode;
  x: number; // relative to the parent
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  edge: GraphEdge;
  points: Point[]; // in the whole drawing
  label?: { x: number; y: number; width: number; height: number };
}

export interface Layout {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  width: number;
  height: number;
}

const nodeHeight = 50;
const labelHeight = 16;
const labelWidthMax = 200;

const rootOptions = {
  'elk.separateConnectedComponents': 'false', // the branches of a Parallel stand side by side
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.spacing.nodeNodeBetweenLayers': '44',
  'elk.spacing.nodeNode': '34',
  'elk.spacing.edgeNode': '22',
  'elk.spacing.edgeEdge': '14',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.feedbackEdges': 'true',
  'elk.edgeLabels.inline': 'false',
};

const containerOptions = { ...rootOptions, 'elk.padding': '[top=50,left=18,bottom=18,right=18]' };

/** Beyond this many nodes in one scope the quicker strategies are taken. */
const largeScope = 150;
const quickOptions = { 'elk.layered.thoroughness': '3', 'elk.layered.nodePlacement.strategy': 'LINEAR_SEGMENTS' };

/** Begun at once: the worker takes a moment to read its script. */
const elk = new ElkConstructor({ workerFactory: () => new Worker(workerUrl) });

function nodeWidth(node: GraphNode): number {
  if (node.kind === 'Start' || node.kind === 'End') {
    return 64;
  }
  const letters = Math.max(node.name.length * 7.9, (node.detail?.length ?? 0) * 6.6);
  return Math.round(Math.min(Math.max(letters + 100, 170), 290));
}

function toElk(node: GraphNode, children: Map<string, GraphNode[]>, edges: Map<string, ElkExtendedEdge[]>): ElkNode {
  const isEnd = node.kind === 'Start' || node.kind === 'End';
  if (!node.isContainer) {
    return { id: node.id, width: nodeWidth(node), height: isEnd ? 26 : nodeHeight };
  }
  const inner = children.get(node.id) ?? [];
  const options = {
    ...containerOptions,
    ...(inner.length > largeScope ? quickOptions : {}),
    'elk.nodeSize.constraints': 'MINIMUM_SIZE',
    'elk.nodeSize.minimum': `(${Math.min(node.name.length * 7.9, 220) + 150},90)`,
  };
  return {
    id: node.id,
    layoutOptions: options,
    children: inner.map((child) => toElk(child, children, edges)),
    edges: edges.get(node.id) ?? [],
    ...(inner.length ? {} : { width: 180, height: 90 }),
  };
}

function labelWidth(text: string): number {
  return Math.min(Math.round(text.length * 6.6) + 14, labelWidthMax);
}

function toElkEdge(edge: GraphEdge): ElkExtendedEdge {
  return {
    id: edge.id,
    sources: [edge.source],
    targets: [edge.target],
    ...(edge.label ? { labels: [{ text: edge.label, width: labelWidth(edge.label), height: labelHeight }] } : {}),
  };
}

function toElkGraph(graph: Graph): ElkNode {
  const parents = new Map(graph.nodes.map((node) => [node.id, node.parent ?? '']));
  const children = new Map<string, GraphNode[]>();
  const edges = new Map<string, ElkExtendedEdge[]>();
  graph.nodes.forEach((node) => children.set(node.parent ?? '', [...(children.get(node.parent ?? '') ?? []), node]));
  graph.edges.forEach((edge) => {
    const scope = parents.get(edge.source) ?? '';
    edges.set(scope, [...(edges.get(scope) ?? []), toElkEdge(edge)]);
  });
  const top = children.get('') ?? [];
  return {
    id: 'root',
    layoutOptions: top.length > largeScope ? { ...rootOptions, ...quickOptions } : rootOptions,
    children: top.map((node) => toElk(node, children, edges)),
    edges: edges.get('') ?? [],
  };
}

function sectionPoints(sections: ElkEdgeSection[] | undefined, at: Point): Point[] {
  const section = sections?.[0];
  if (!section) {
    return [];
  }
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map((p) => ({ x: p.x + at.x, y: p.y + at.y }));
}

function readScope(scope: ElkNode, at: Point, graph: { nodes: Map<string, GraphNode>; edges: Map<string, GraphEdge> }, out: Layout): void {
  for (const child of scope.children ?? []) {
    const node = graph.nodes.get(child.id);
    if (node) {
      out.nodes.push({ node, x: child.x ?? 0, y: child.y ?? 0, width: child.width ?? 0, height: child.height ?? 0 });
      readScope(child, { x: at.x + (child.x ?? 0), y: at.y + (child.y ?? 0) }, graph, out);
    }
  }
  for (const routed of scope.edges ?? []) {
    const edge = graph.edges.get(routed.id ?? '');
    const label = routed.labels?.[0];
    if (edge) {
      out.edges.push({
        edge,
        points: sectionPoints(routed.sections, at),
        ...(label ? { label: { x: (label.x ?? 0) + at.x, y: (label.y ?? 0) + at.y, width: label.width ?? 0, height: label.height ?? 0 } } : {}),
      });
    }
  }
}

const known = new Map<string, Promise<Layout>>();
const knownMax = 24;

async function compute(graph: Graph): Promise<Layout> {
  const placed = await elk.layout(toElkGraph(graph));
  const out: Layout = { nodes: [], edges: [], width: placed.width ?? 0, height: placed.height ?? 0 };
  const lookup = { nodes: new Map(graph.nodes.map((node) => [node.id, node])), edges: new Map(graph.edges.map((edge) => [edge.id, edge])) };
  readScope(placed, { x: 0, y: 0 }, lookup, out);
  return out;
}

export function layoutGraph(graph: Graph): Promise<Layout> {
  const key = JSON.stringify(graph);
  const found = known.get(key);
  if (found) {
    return found;
  }
  const made = compute(graph);
  known.set(key, made);
  made.catch(() => known.delete(key));
  if (known.size > knownMax) {
    known.delete(known.keys().next().value ?? '');
  }
  return made;
}
