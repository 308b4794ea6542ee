import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';

import { rowsOf, type RunRow } from '@/history/rows';
import { shownStatus } from '@/history/marks';
import type { Run, Visit } from '@/history/run';
import { Icon } from '@/parts/Icon';
import { VisitBadge, visitTone } from '@/parts/Status';
import { clockText, durationText } from '@/parts/time';

interface RunViewProps {
  run: Run;
  now: number; // seconds
  selected: Visit | undefined;
  onSelect: (visit: Visit) => void;
}

const rowHeight = 34;
const openDepth = 3;

/** Which rows are open: the first levels, unless somebody has said otherwise; of long Maps only what was opened. */
function useRows(run: Run): { rows: RunRow[]; toggle: (row: RunRow) => void } {
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => rowsOf(run, (key, depth) => (depth < openDepth && (run.visits.length < 2000 || depth < 1)) !== changed.has(key)), [run, changed]);
  const toggle = (row: RunRow): void => {
    const next = new Set(changed);
    next.has(row.key) ? next.delete(row.key) : next.add(row.key);
    setChanged(next);
  };
  return { rows, toggle };
}

function Toggle({ row, onToggle }: { row: RunRow; onToggle: () => void }) {
  const name = row.visit?.name ?? (row.scope?.kind === 'branch' ? `Branch ${(row.scope?.index ?? 0) + 1}` : `#${row.scope?.index ?? 0}`);
  return (
    <span className="tree-name" style={{ paddingLeft: row.depth * 14 }}>
      {row.hasChildren ? (
        <button
          type="button"
          className={`tree-toggle ${row.isOpen ? 'is-open' : ''}`}
          aria-expanded={row.isOpen}
          aria-label={`${row.isOpen ? 'Close' : 'Open'} ${name}`}
          onClick={(event) => {
            event.stopPropagation();
            onToggle();
          }}
        >
          <Icon name="chevron" />
        </button>
      ) : (
        <span className="tree-toggle" />
      )}
      <span className={`cut ${row.visit ? '' : 'soft'}`} title={name}>
        {name}
      </span>
    </span>
  );
}

function useVirtualRows(count: number) {
  const host = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count, getScrollElement: () => host.current, estimateSize: () => rowHeight, overscan: 12 });
  return { host, virtual };
}

/** The states of a run: a tree where there are Maps and Parallels. */
export function StateTree({ run, now, selected, onSelect }: RunViewProps) {
  const { rows, toggle } = useRows(run);
  const { host, virtual } = useVirtualRows(rows.length);
  return (
    <div className="vlist" ref={host} role="treegrid" aria-label="States" aria-rowcount={rows.length}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) {
            return null;
          }
          const { visit, scope } = row;
          const from = visit?.enteredAt ?? scope?.startedAt ?? 0;
          const to = visit ? visit.exitedAt : scope?.endedAt;
          return (
            <div
              key={row.key}
              role="row"
              tabIndex={0}
              aria-selected={visit !== undefined && visit === selected}
              aria-level={row.depth + 1}
              className={`vrow tree-row ${visit && visit.id === selected?.id ? 'is-selected' : ''}`}
              style={{ transform: `translateY(${item.start}px)`, height: rowHeight }}
              onClick={() => (visit ? onSelect(visit) : toggle(row))}
              onKeyDown={(event) => {
                if (event.key === 'Enter') {
                  visit ? onSelect(visit) : toggle(row);
                }
              }}
            >
              <Toggle row={row} onToggle={() => toggle(row)} />
              <span role="gridcell">{visit ? <VisitBadge status={shownStatus(visit, run)} /> : scope && <VisitBadge status={scope.status} />}</span>
              <span role="gridcell" className="faint nums tree-time">
                {clockText(from)}
              </span>
              <span role="gridcell" className="nums tree-duration">
                {durationText(((to ?? run.endedAt ?? now) - from) * 1000)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function percent(value: number, start: number, length: number): string {
  return `${Math.min(Math.max(((value - start) / length) * 100, 0), 100).toFixed(3)}%`;
}

function Bar({ row, run, start, length, end }: { row: RunRow; run: Run; start: number; length: number; end: number }) {
  const { visit, scope } = row;
  const from = visit?.enteredAt ?? scope?.startedAt ?? start;
  const to = (visit ? visit.exitedAt : scope?.endedAt) ?? end;
  const status = visit ? shownStatus(visit, run) : (scope?.status ?? 'running');
  const place = (a: number, b: number) => ({ left: percent(a, start, length), width: `max(2px, calc(${percent(b, start, length)} - ${percent(a, start, length)}))` });
  const hasTries = visit !== undefined && visit.attempts.length > 1;
  return (
    <span className="track" role="gridcell">
      <span className={`span tone-${visitTone(status)} ${hasTries ? 'is-hull' : ''} ${scope ? 'is-thin' : ''}`} style={place(from, to)} title={durationText((to - from) * 1000)} />
      {hasTries &&
        visit.attempts.map((attempt, index) => (
          <span
            key={attempt.eventId}
            className={`span is-try tone-${visitTone(attempt.status === 'succeeded' ? 'succeeded' : attempt.status === 'running' ? 'running' : 'failed')}`}
            style={place(attempt.scheduledAt, attempt.endedAt ?? end)}
            title={`Try ${index + 1}: ${attempt.error ?? attempt.status}, ${durationText(((attempt.endedAt ?? end) - attempt.scheduledAt) * 1000)}`}
          />
        ))}
    </span>
  );
}

/** A waterfall: when each state began and how long it took, with its tries and the pauses between them. */
export function Timeline({ run, now, selected, onSelect }: RunViewProps) {
  const { rows, toggle } = useRows(run);
  const { host, virtual } = useVirtualRows(rows.length);
  const start = run.startedAt;
  const end = run.endedAt ?? now;
  const length = Math.max(end - start, 0.001);
  return (
    <div className="timeline">
      <div className="timeline-scale" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{durationText(length * part * 1000)}</span>
        ))}
      </div>
      <div className="vlist" ref={host} role="treegrid" aria-label="Timeline" aria-rowcount={rows.length}>
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={row.key}
                  role="row"
                  tabIndex={0}
                  className={`vrow time-row ${row.visit && row.visit.id === selected?.id ? 'is-selected' : ''}`}
                  style={{ transform: `translateY(${item.start}px)`, height: rowHeight }}
                  onClick={() => (row.visit ? onSelect(row.visit) : toggle(row))}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter' && row.visit) {
                      onSelect(row.visit);
                    }
                  }}
                >
                  <Toggle row={row} onToggle={() => toggle(row)} />
                  <Bar row={row} run={run} start={start} length={length} end={end} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
