/** What kind of thing an event tells, by its type's name. */
import type { EventDetails, HistoryEvent } from '@/api/types';

/** The details of an event; the API names that member after its type. */
export function eventDetails(event: HistoryEvent): EventDetails {
  for (const [name, value] of Object.entries(event)) {
    if (name.endsWith('EventDetails') && value && typeof value === 'object') {
      return value as EventDetails;
    }
  }
  return {};
}

export type EventTone = 'start' | 'good' | 'bad' | 'stopped' | 'quiet';

const endings: [RegExp, EventTone][] = [
  [/(Failed|TimedOut|ScheduleFailed|StartFailed|SubmitFailed)$/, 'bad'],
  [/Aborted$/, 'stopped'],
  [/Succeeded$/, 'good'],
  [/(Started|Scheduled|Redriven)$/, 'start'],
];

export function eventTone(type: string): EventTone {
  return endings.find(([pattern]) => pattern.test(type))?.[1] ?? 'quiet';
}

/** "TaskStateEntered" → "Task"; undefined for other events. */
export function enteredType(type: string): string | undefined {
  return /^(.*)StateEntered$/.exec(type)?.[1];
}

export function isExit(type: string): boolean {
  return type.endsWith('StateExited');
}

/** Words for a person: "TaskStateEntered" → "Task state entered". */
export function eventTitle(type: string): string {
  const words = type.replace(/([a-z])([A-Z])/g, '$1 $2').split(' ');
  return words.map((word, index) => (index ? word.toLowerCase() : word)).join(' ');
}
