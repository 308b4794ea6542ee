/** The tries of a Task: TaskScheduled, TaskStarted, TaskFailed and the like; Lambda and activity events too. */
import { isObject, parseJson } from '@/api/json';
import type { HistoryEvent } from '@/api/types';
import { eventDetails } from './event';
import type { Attempt, Visit } from './run';

const patterns = {
  scheduled: /^(Task|LambdaFunction|Activity)Scheduled$/,
  started: /^(Task|LambdaFunction|Activity)Started$/,
  submitted: /^TaskSubmitted$/,
  succeeded: /^(Task|LambdaFunction|Activity)Succeeded$/,
  timedOut: /^(Task|LambdaFunction|Activity)TimedOut$/,
  failed: /^((Task|LambdaFunction|Activity)(Failed|ScheduleFailed|StartFailed|SubmitFailed)|EvaluationFailed|MapRunFailed)$/,
};

function begin(visit: Visit, event: HistoryEvent): void {
  const details = eventDetails(event);
  const parameters = details.parameters ?? details.input;
  visit.status = 'running';
  visit.attempts.push({
    scheduledAt: event.timestamp,
    status: 'running',
    eventId: event.id,
    ...(details.resource ? { resource: details.resource } : {}),
    ...(details.resourceType ? { resourceType: details.resourceType } : {}),
    ...(parameters !== undefined ? { parameters } : {}),
  });
}

function end(visit: Visit, event: HistoryEvent, status: Attempt['status']): void {
  const details = eventDetails(event);
  const attempt = visit.attempts.at(-1);
  if (attempt && attempt.endedAt === undefined) {
    attempt.endedAt = event.timestamp;
    attempt.status = status;
    attempt.output = details.output;
    attempt.error = details.error;
    attempt.cause = details.cause;
  }
  if (status !== 'succeeded') {
    visit.status = status === 'timedOut' ? 'timedOut' : 'failed';
    visit.error = details.error ?? (status === 'timedOut' ? 'States.Timeout' : undefined);
    visit.cause = details.cause;
  }
}

/** The execution that a Task started, for a link. */
function noteChild(visit: Visit, output: string | undefined): void {
  const told = output ? parseJson(output) : undefined;
  const arn = isObject(told) ? (told.ExecutionArn ?? told.executionArn) : undefined;
  if (typeof arn === 'string' && arn.includes(':execution:')) {
    visit.childExecutionArn = arn;
  }
}

export function applyTaskEvent(visit: Visit, event: HistoryEvent): void {
  const { type } = event;
  const details = eventDetails(event);
  if (patterns.scheduled.test(type)) {
    begin(visit, event);
  } else if (patterns.started.test(type)) {
    const attempt = visit.attempts.at(-1);
    if (attempt) {
      attempt.startedAt = event.timestamp;
    }
  } else if (patterns.submitted.test(type)) {
    noteChild(visit, details.output);
  } else if (patterns.succeeded.test(type)) {
    noteChild(visit, details.output);
    end(visit, event, 'succeeded');
  } else if (patterns.timedOut.test(type)) {
    end(visit, event, 'timedOut');
  } else if (patterns.failed.test(type)) {
    end(visit, event, 'failed');
  } else if (type === 'MapRunStarted' && details.mapRunArn) {
    visit.mapRunArn = details.mapRunArn;
  }
}
