import type { HistoryEvent } from '@/api/types';
import { eventDetails } from '@/history/event';
import { JsonView } from '@/parts/JsonView';
import { dateText } from '@/parts/time';

const payloads = ['input', 'parameters', 'output'] as const;

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** All that an event tells. */
export function EventDetailsView({ event }: { event: HistoryEvent }) {
  const details = eventDetails(event);
  const facts = Object.entries(details).filter(([name, value]) => isPlain(value) && !payloads.some((payload) => payload === name));
  return (
    <div className="event-details">
      <dl className="facts">
        <div>
          <dt>type</dt>
          <dd className="mono">{event.type}</dd>
        </div>
        <div>
          <dt>time</dt>
          <dd>{dateText(event.timestamp)}</dd>
        </div>
        <div>
          <dt>caused by</dt>
          <dd>{event.previousEventId ?? 0}</dd>
        </div>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="mono">{String(value)}</dd>
          </div>
        ))}
      </dl>
      {payloads.map(
        (name) =>
          details[name] !== undefined && (
            <div key={name} className="field">
              <span>{name}</span>
              <JsonView text={details[name]} name={`${name} of event ${event.id}`} />
            </div>
          ),
      )}
      {details.assignedVariables && (
        <div className="field">
          <span>assigned variables</span>
          <JsonView text={JSON.stringify(details.assignedVariables)} name={`variables of event ${event.id}`} />
        </div>
      )}
    </div>
  );
}
