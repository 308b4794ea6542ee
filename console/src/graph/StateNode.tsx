import { Handle, Position, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';

import type { GraphNode } from '@/asl/graph';
import { Icon } from '@/parts/Icon';
import { visitTone, visitWords } from '@/parts/Status';
import { kindIcons } from './looks';
import type { NodeMark } from './marks';

export interface NodeData extends Record<string, unknown> {
  node: GraphNode;
  mark?: NodeMark | undefined;
  /** Something runs, and this state had no part in it so far. */
  isFaint: boolean;
  /** The icon can be dragged to another place of the workflow. */
  isMovable: boolean;
}

export type StateFlowNode = Node<NodeData>;

function Handles() {
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable />
      <Handle type="source" position={Position.Bottom} isConnectable />
    </>
  );
}

const compact = new Intl.NumberFormat('en', { notation: 'compact' });

export const moveFormat = 'application/x-gait-state';

function Grip({ node, isMovable }: { node: GraphNode; isMovable: boolean }) {
  return (
    <span
      className={`state-icon ${isMovable ? 'nodrag nopan is-grip' : ''}`}
      draggable={isMovable}
      onDragStart={(event) => {
        event.dataTransfer.setData(moveFormat, node.name);
        event.dataTransfer.effectAllowed = 'move';
      }}
    >
      <Icon name={kindIcons[node.kind]} />
    </span>
  );
}

function described(node: GraphNode, mark: NodeMark | undefined): string {
  return [`${node.kind} state ${node.name}`, node.detail, mark && visitWords(mark.status)].filter(Boolean).join(', ');
}

function Mark({ mark }: { mark: NodeMark | undefined }) {
  if (!mark) {
    return null;
  }
  return (
    <>
      {mark.progress && <span className="state-mark">{mark.progress}</span>}
      {mark.attempts > 1 && <span className="state-mark" title={`${mark.attempts} tries`}>{`↻ ${mark.attempts - 1}`}</span>}
      {mark.visits > 1 && !mark.progress && <span className="state-mark" title={`Entered ${mark.visits} times`}>{`×${compact.format(mark.visits)}`}</span>}
    </>
  );
}

function StateNodeView({ data }: NodeProps<StateFlowNode>) {
  const { node, mark, isFaint, isMovable } = data;
  const classes = ['state', mark ? `tone-${visitTone(mark.status)}` : '', mark?.status === 'running' ? 'is-running' : '', isFaint ? 'is-faint' : ''];
  return (
    <div className={classes.filter(Boolean).join(' ')} aria-label={described(node, mark)} data-state={node.name} data-status={mark?.status}>
      <Handles />
      <Grip node={node} isMovable={isMovable} />
      <span className="state-text">
        <div className="state-name" title={node.name}>
          {node.name}
        </div>
        <div className="state-detail" title={node.detail}>
          {node.detail ?? node.kind}
        </div>
      </span>
      <Mark mark={mark} />
    </div>
  );
}

function ContainerNodeView({ data }: NodeProps<StateFlowNode>) {
  const { node, mark, isMovable } = data;
  return (
    <div className={`container ${mark ? `tone-${visitTone(mark.status)}` : ''}`} aria-label={described(node, mark)} data-state={node.name} data-status={mark?.status}>
      <Handles />
      <div className="container-head">
        <Grip node={node} isMovable={isMovable} />
        <span className="state-name grow" title={node.name}>
          {node.name}
        </span>
        {node.isDistributed && <span className="state-mark">Distributed</span>}
        <Mark mark={mark} />
      </div>
    </div>
  );
}

function EndpointNodeView({ data }: NodeProps<StateFlowNode>) {
  const { node, mark } = data;
  return (
    <div className={`endpoint ${mark ? `tone-${visitTone(mark.status)}` : ''}`}>
      <Handles />
      {node.name}
    </div>
  );
}

export const nodeTypes = { state: memo(StateNodeView), container: memo(ContainerNodeView), endpoint: memo(EndpointNodeView) };
