import '@xyflow/react/dist/style.css';

import { Background, BackgroundVariant, Controls, MiniMap, Position, ReactFlow, ReactFlowProvider, useReactFlow, type Connection } from '@xyflow/react';
import { useEffect, useMemo, useRef, useState, type DragEvent, type ReactNode, type RefObject } from 'react';

import type { Graph } from '@/asl/graph';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { layoutGraph, type Layout, type PlacedNode } from './layout';
import { transitionKey, type GraphMarks } from './marks';
import { edgeTypes, type RoutedFlowEdge } from './RoutedEdge';
import { nodeTypes, type StateFlowNode } from './StateNode';

interface WorkflowGraphProps {
  graph: Graph;
  marks?: GraphMarks | undefined;
  selected?: string | undefined;
  onSelect?: (stateName: string | undefined) => void;
  onLayout?: (layout: Layout) => void;
  isEditable?: boolean;
  onConnect?: (source: string, target: string) => void;
  onDropOn?: (event: DragEvent, target: { node?: string; edge?: string }) => void;
  children?: ReactNode;
}

const minimapFrom = 25;
const fitOptions = { padding: 0.12, maxZoom: 1.1, minZoom: 0.05 };

function useLayout(graph: Graph): { layout: Layout | undefined; error: unknown } {
  const [state, setState] = useState<{ layout: Layout | undefined; error: unknown }>({ layout: undefined, error: undefined });
  useEffect(() => {
    let isCurrent = true;
    layoutGraph(graph).then(
      (layout) => isCurrent && setState({ layout, error: undefined }),
      (error: unknown) => isCurrent && setState((before) => ({ ...before, error })),
    );
    return () => {
      isCurrent = false;
    };
  }, [graph]);
  return state;
}

/**
 * What React Flow would else measure after every change of a node: the transitions of nodes that wait to be measured
 * are not drawn, and of two changes at once the second is never measured.
 */
function measured({ width, height }: PlacedNode): Pick<StateFlowNode, 'measured' | 'handles'> {
  return {
    measured: { width, height },
    handles: [
      { type: 'target', position: Position.Top, x: width / 2, y: 0 },
      { type: 'source', position: Position.Bottom, x: width / 2, y: height },
    ],
  };
}

function flowNode(placed: PlacedNode, marks: GraphMarks | undefined, selected: string | undefined, isMovable: boolean): StateFlowNode {
  const { node } = placed;
  const mark = marks?.nodes.get(node.id);
  const isEndpoint = node.kind === 'Start' || node.kind === 'End';
  return {
    id: node.id,
    type: isEndpoint ? 'endpoint' : node.isContainer ? 'container' : 'state',
    position: { x: placed.x, y: placed.y },
    width: placed.width,
    height: placed.height,
    ...measured(placed),
    selected: node.id === selected,
    selectable: !isEndpoint,
    focusable: !isEndpoint,
    ariaLabel: isEndpoint ? node.name : `${node.kind} state ${node.name}`,
    data: { node, mark, isFaint: Boolean(marks) && !mark, isMovable },
    ...(node.parent === undefined ? {} : { parentId: node.parent }),
  };
}

function flowEdges(layout: Layout, marks: GraphMarks | undefined): RoutedFlowEdge[] {
  return layout.edges.map((placed) => ({
    id: placed.edge.id,
    type: 'routed',
    source: placed.edge.source,
    target: placed.edge.target,
    focusable: false,
    zIndex: 1,
    data: { placed, isTaken: marks?.taken.has(transitionKey(placed.edge.source, placed.edge.target, placed.edge.kind === 'catch')) ?? false },
  }));
}

const readableZoom = 0.5;
const edgeOfView = 24;

/**
 * Fits the drawing into view when it first comes and when its size has changed. One that would be too small to read
 * is shown from its top instead.
 */
function Fit({ layout, host }: { layout: Layout; host: RefObject<HTMLDivElement | null> }) {
  const flow = useReactFlow();
  const { width, height } = layout;
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const room = host.current?.getBoundingClientRect();
      if (!room) {
        return;
      }
      const zoom = Math.min((room.width - 2 * edgeOfView) / width, (room.height - 2 * edgeOfView) / height);
      if (zoom >= readableZoom) {
        void flow.fitView(fitOptions);
      } else {
        const readable = Math.max(Math.min((room.width - 2 * edgeOfView) / width, 0.8), readableZoom);
        void flow.setViewport({ x: (room.width - width * readable) / 2, y: edgeOfView, zoom: readable });
      }
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, host, width, height]);
  return null;
}

/** What of the graph is under the pointer. */
function dropTarget(event: DragEvent): { node?: string; edge?: string } {
  for (const element of document.elementsFromPoint(event.clientX, event.clientY)) {
    const node = element.closest('.react-flow__node')?.getAttribute('data-id');
    if (node) {
      return { node };
    }
    const edge = element.closest('.react-flow__edge')?.getAttribute('data-id');
    if (edge) {
      return { edge };
    }
  }
  return {};
}

function GraphView(props: WorkflowGraphProps) {
  const { graph, marks, selected, onSelect, onLayout, isEditable, onConnect, onDropOn, children } = props;
  const { layout, error } = useLayout(graph);
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (layout) {
      onLayout?.(layout);
    }
  }, [layout, onLayout]);
  const nodes = useMemo(() => layout?.nodes.map((placed) => flowNode(placed, marks, selected, Boolean(isEditable))) ?? [], [layout, marks, selected, isEditable]);
  const edges = useMemo(() => (layout ? flowEdges(layout, marks) : []), [layout, marks]);
  if (!layout) {
    return error ? <Failure error={error} /> : <Loading what="the graph" />;
  }
  return (
    <div ref={host} className={`graph ${isEditable ? 'is-editable' : ''}`} data-testid="graph">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={Boolean(isEditable)}
        edgesFocusable={false}
        elementsSelectable
        deleteKeyCode={null}
        minZoom={0.05}
        maxZoom={2}
        onlyRenderVisibleElements={nodes.length > 150}
        onNodeClick={(_, node) => onSelect?.(node.data.node.kind === 'Start' || node.data.node.kind === 'End' ? undefined : node.id)}
        onPaneClick={() => onSelect?.(undefined)}
        onNodesChange={(changes) => {
          const chosen = changes.find((change) => change.type === 'select' && change.selected);
          if (chosen?.type === 'select') {
            onSelect?.(chosen.id);
          }
        }}
        onConnect={(connection: Connection) => onConnect?.(connection.source, connection.target)}
        {...(onDropOn
          ? {
              onDragOver: (event: DragEvent) => event.preventDefault(),
              onDrop: (event: DragEvent) => {
                event.preventDefault();
                onDropOn(event, dropTarget(event));
              },
            }
          : {})}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={18} size={1} color="var(--line-strong)" />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={fitOptions} />
        {nodes.length > minimapFrom && <MiniMap pannable zoomable position="bottom-right" nodeColor="var(--line-strong)" maskColor="color-mix(in srgb, var(--sunken) 75%, transparent)" />}
        <Fit layout={layout} host={host} />
      </ReactFlow>
      {children}
    </div>
  );
}

/** A workflow's graph. The selection is the caller's. */
export function WorkflowGraph(props: WorkflowGraphProps) {
  return (
    <ReactFlowProvider>
      <GraphView {...props} />
    </ReactFlowProvider>
  );
}
