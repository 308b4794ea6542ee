import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useMemo, useRef, useState } from 'react';

import type { HistoryEvent } from '@/api/types';
import { eventDetails, eventTitle, eventTone } from '@/history/event';
import { ordered, type EventColumn, type EventOrder } from '@/history/order';
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

const columns: { column: EventColumn; title: string }[] = [
  { column: 'id', title: 'No.' },
  { column: 'type', title: 'Type' },
  { column: 'state', title: 'State' },
  { column: 'time', title: 'Time' },
];

/** The columns' names; each sorts, and turns the order round when it is the one that sorts. */
function Header({ order, onChange }: { order: EventOrder; onChange: (order: EventOrder) => void }) {
  return (
    <div className="event-head" role="group" aria-label="Sort events">
      {columns.map(({ column, title }) => {
        const isIt = order.column === column;
        const how = isIt ? `, ${order.isDescending ? 'descending' : 'ascending'}` : '';
        return (
          <button key={column} type="button" className={`event-head-${column}`} aria-label={`Sort by ${title === 'No.' ? 'number' : title.toLowerCase()}${how}`} aria-pressed={isIt} onClick={() => onChange({ column, isDescending: isIt && !order.isDescending })}>
            {title}
            {isIt && <span aria-hidden="true">{order.isDescending ? '↓' : '↑'}</span>}
          </button>
        );
      })}
    </div>
  );
}

/** The history, event by event; only the rows in view exist, however many there are. */
export function EventsView({ events, run, selected, onSelect }: EventsViewProps) {
  const [text, setText] = useState('');
  const [order, setOrder] = useState<EventOrder>({ column: 'id', isDescending: false });
  const [ofState, setOfState] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const host = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const wanted = text.toLowerCase();
    const some = events.filter((event) => (!wanted || fits(event, wanted, run)) && (!ofState || !selected || run.visitOf.get(event.id)?.id === selected.id));
    return order.column === 'id' && !order.isDescending ? some : ordered(some, order, (event) => stateName(event, run));
  }, [events, text, order, ofState, selected, run]);
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
  const sort = (next: EventOrder): void => {
    setOrder(next);
    virtual.scrollToOffset(0);
  };
  return (
    <div className="events">
      <div className="bar view-bar">
        <SearchField label="Filter events" value={text} onChange={setText} />
        <Button isSmall aria-pressed={ofState} disabled={!selected} onClick={() => setOfState(!ofState)}>
          This state only
        </Button>
        <span className="faint nums">{shown.length === events.length ? '' : `${shown.length.toLocaleString('en')} of ${events.length.toLocaleString('en')}`}</span>
      </div>
      {shown.length > 0 && <Header order={order} onChange={sort} />}
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
