import { EdgeLabelRenderer, type Edge, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';

import type { PlacedEdge } from './layout';
import { arrowPath, roundedPath } from './path';

export interface EdgeData extends Record<string, unknown> {
  placed: PlacedEdge;
  isTaken: boolean;
}

export type RoutedFlowEdge = Edge<EdgeData>;

function RoutedEdgeView({ data }: EdgeProps<RoutedFlowEdge>) {
  if (!data) {
    return null;
  }
  const { placed, isTaken } = data;
  const looks = `${placed.edge.kind === 'catch' ? 'is-catch' : ''} ${isTaken ? 'is-taken' : ''}`;
  const { label } = placed;
  return (
    <>
      <path className="edge-reach" d={roundedPath(placed.points)} />
      <path className={`edge-path ${looks}`} d={roundedPath(placed.points)} />
      <path className={`edge-arrow ${looks}`} d={arrowPath(placed.points)} />
      {label && (
        <EdgeLabelRenderer>
          <div
            className={`edge-label ${looks}`}
            title={placed.edge.label}
            style={{ transform: `translate(${label.x}px, ${label.y}px)`, maxWidth: label.width, height: label.height }}
          >
            {placed.edge.label}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

export const edgeTypes = { routed: memo(RoutedEdgeView) };
