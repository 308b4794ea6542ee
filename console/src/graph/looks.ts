import type { NodeKind } from '@/asl/graph';
import type { IconName } from '@/parts/Icon';

/** The icon of each kind of state. */
export const kindIcons: Record<NodeKind, IconName> = {
  Task: 'bolt',
  Pass: 'pass',
  Choice: 'diamond',
  Wait: 'clock',
  Succeed: 'check',
  Fail: 'cross',
  Parallel: 'branch',
  Map: 'map',
  Start: 'play',
  End: 'stop',
  Unknown: 'warning',
};
