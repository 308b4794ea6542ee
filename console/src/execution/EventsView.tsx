import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useMemo, useRef, useState } from 'react';

import type { HistoryEvent } from '@/api/types';
import { eventDetails, eventTitle, eventTone } from '@/history/event';
import type { Run, Visit } from '@/history/run';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { SearchField } from '@/parts/SearchField';
import { clockText, durationText } from '@/parts/time';
import { EventDetailsView } from './EventDetailsView';

interface EventsViewProps {
  events: HistoryEvent[];
  run: Run;
  selected: Visit | undefined;
  onSelect: (visit: Visit) => void;
}

const tones = { start: 'running', good: 'succeeded', bad: 'failed', stopped: 'aborted', quiet: 'aborted' } as const;

function stateName(event: HistoryEvent, run: Run): string {
  return run.visitOf.get(event.id)?.name ?? '';
}

function fits(event: HistoryEvent, text: string, run: Run): boolean {
  return `${event.id} ${event.type} ${stateName(event, run)} ${eventDetails(event).error ?? ''}`.toLowerCase().includes(text);
}

interface RowProps {
  event: HistoryEvent;
  state: string;
  afterMs: number;
  isOpen: boolean;
  onToggle: (event: HistoryEvent) => void;
}

const Row = memo(function Row({ event, state, afterMs, isOpen, onToggle }: RowProps) {
  const tone = eventTone(event.type);
  return (
    <button type="button" className={`event-row tone-${tones[tone]}`} aria-expanded={isOpen} onClick={() => onToggle(event)}>
      <span className="event-id nums">{event.id}</span>
      <span className={`dot ${tone === 'quiet' ? 'is-hollow' : ''}`} />
      <span className="event-type cut" title={event.type}>
        {eventTitle(event.type)}
      </span>
      <span className="event-state cut soft" title={state}>
        {state}
      </span>
      <span className="event-after faint nums" title={clockText(event.timestamp)}>
        +{durationText(afterMs)}
      </span>
    </button>
  );
});

/** The history, event by event; only the rows in view exist, however many there are. */
export function EventsView({ events, run, selected, onSelect }: EventsViewProps) {
  const [text, setText] = useState('');
  const [isReverse, setReverse] = useState(false);
  const [ofState, setOfState] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const host = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const wanted = text.toLowerCase();
    const some = events.filter((event) => (!wanted || fits(event, wanted, run)) && (!ofState || !selected || run.visitOf.get(event.id)?.id === selected.id));
    return isReverse ? some.toReversed() : some;
  }, [events, text, isReverse, ofState, selected, run]);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => host.current,
    estimateSize: () => 34,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 12,
  });
  const latest = useRef({ open, run, onSelect });
  latest.current = { open, run, onSelect };
  const toggle = useCallback((event: HistoryEvent): void => {
    const now = latest.current;
    const next = new Set(now.open);
    next.has(event.id) ? next.delete(event.id) : next.add(event.id);
    setOpen(next);
    const visit = now.run.visitOf.get(event.id);
    if (visit && next.has(event.id)) {
      now.onSelect(visit);
    }
  }, []);
  return (
    <div className="events">
      <div className="bar view-bar">
        <SearchField label="Filter events" value={text} onChange={setText} />
        <Button isSmall aria-pressed={ofState} disabled={!selected} onClick={() => setOfState(!ofState)}>
          This state only
        </Button>
        <Button isSmall look="quiet" onClick={() => setReverse(!isReverse)}>
          {isReverse ? 'Newest first' : 'Oldest first'}
        </Button>
        <span className="faint nums">{shown.length === events.length ? '' : `${shown.length.toLocaleString('en')} of ${events.length.toLocaleString('en')}`}</span>
      </div>
      {shown.length === 0 && <Empty icon="list" title={events.length ? 'No event fits' : 'No event yet'} />}
      <div className="vlist" ref={host} aria-label="Events" role="list">
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const event = shown[item.index];
            return (
              event && (
                <div key={item.key} ref={virtual.measureElement} data-index={item.index} role="listitem" className="vrow event" style={{ transform: `translateY(${item.start}px)` }}>
                  <Row event={event} state={stateName(event, run)} afterMs={(event.timestamp - run.startedAt) * 1000} isOpen={open.has(event.id)} onToggle={toggle} />
                  {open.has(event.id) && <EventDetailsView event={event} />}
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
