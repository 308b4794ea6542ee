/** Events in the order of a column; those that are alike there, in the order in which they happened. */
import type { HistoryEvent } from '@/api/types';
import { eventTitle } from './event';

export type EventColumn = 'id' | 'type' | 'state' | 'time';

export interface EventOrder {
  column: EventColumn;
  isDescending: boolean;
}

/** Each name's place among all of them: names are compared once, however many events bear them. Events without one come last. */
function ranks(names: string[]): Map<string, number> {
  const collator = new Intl.Collator('en', { numeric: true });
  const sorted = [...new Set(names)].sort(collator.compare);
  return new Map(sorted.map((name, index) => [name, name === '' ? Infinity : index]));
}

function valuesOf(events: HistoryEvent[], column: EventColumn, stateOf: (event: HistoryEvent) => string): number[] {
  switch (column) {
    case 'id':
      return events.map((event) => event.id);
    case 'time':
      return events.map((event) => event.timestamp);
    case 'type':
    case 'state': {
      const names = events.map(column === 'type' ? (event) => eventTitle(event.type) : stateOf);
      const rankOf = ranks(names);
      return names.map((name) => rankOf.get(name) ?? Infinity);
    }
  }
}

export function ordered(events: HistoryEvent[], order: EventOrder, stateOf: (event: HistoryEvent) => string): HistoryEvent[] {
  const values = valuesOf(events, order.column, stateOf);
  const sign = order.isDescending ? -1 : 1;
  const places = Array.from(events.keys());
  places.sort((a, b) => {
    const x = values[a] ?? 0;
    const y = values[b] ?? 0;
    // Without a name: last in both directions.
    return x === y ? (order.column === 'id' || order.column === 'time' ? sign : 1) * (a - b) : x === Infinity ? 1 : y === Infinity ? -1 : sign * (x - y);
  });
  return places.flatMap((place) => events[place] ?? []);
}
