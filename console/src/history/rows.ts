/** The tree of a run as rows: for the table of states and for the timeline. */
import type { Run, Scope, Visit } from './run';

export interface RunRow {
  key: string;
  depth: number;
  visit?: Visit;
  scope?: Scope; // an iteration or a branch
  hasChildren: boolean;
  isOpen: boolean;
}

export function rowsOf(run: Run, isOpen: (key: string, depth: number) => boolean): RunRow[] {
  const rows: RunRow[] = [];
  // A stack rather than recursion: workflows nest as deep as their writers like.
  const waiting: { visit?: Visit; scope?: Scope; depth: number }[] = run.root.visits.toReversed().map((visit) => ({ visit, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { visit, scope, depth } = next;
    const key = visit ? `v${visit.id}` : `s${scope?.owner?.id ?? 0}.${scope?.index ?? 0}.${scope?.startedAt ?? 0}`;
    const children = visit ? visit.scopes.map((inner) => ({ scope: inner, depth: depth + 1 })) : (scope?.visits.map((inner) => ({ visit: inner, depth: depth + 1 })) ?? []);
    const open = children.length > 0 && isOpen(key, depth);
    rows.push({ key, depth, hasChildren: children.length > 0, isOpen: open, ...(visit ? { visit } : {}), ...(scope ? { scope } : {}) });
    if (open) {
      waiting.push(...children.toReversed());
    }
  }
  return rows;
}
