/**
 * Every stage of a visit's data, as TestState tells it: the state is run once more by itself, with the recorded input,
 * variables and result, so that nothing is called.
 */
import { call } from '@/api/aws';
import type { JsonObject } from '@/api/json';
import type { InspectionData, TestStateInput, TestStateOutput } from '@/api/types';
import type { Visit } from '@/history/run';
import { variablesAt } from '@/history/variables';

export interface Stage {
  title: string;
  field: string; // of the state, that makes it
  text: string;
}

const order: [member: keyof InspectionData, title: string, field: string][] = [
  ['input', 'Input', ''],
  ['afterInputPath', 'After InputPath', 'InputPath'],
  ['afterItemsPath', 'After ItemsPath', 'ItemsPath'],
  ['afterItemSelector', 'After ItemSelector', 'ItemSelector'],
  ['afterItemBatcher', 'After ItemBatcher', 'ItemBatcher'],
  ['afterParameters', 'After Parameters', 'Parameters'],
  ['afterArguments', 'Arguments', 'Arguments'],
  ['result', 'Result', ''],
  ['afterResultSelector', 'After ResultSelector', 'ResultSelector'],
  ['afterResultPath', 'After ResultPath', 'ResultPath'],
  ['variables', 'Variables', 'Assign'],
];

export function stagesOf(answer: TestStateOutput): Stage[] {
  const data = answer.inspectionData ?? {};
  const stages: Stage[] = order.flatMap(([member, title, field]): Stage[] => {
    const value = data[member];
    return typeof value === 'string' ? [{ title, field, text: value }] : [];
  });
  return answer.output === undefined ? stages : [...stages, { title: 'Output', field: '', text: answer.output }];
}

export const canRetell = new Set(['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail']);

export async function retellStages(visit: Visit, state: JsonObject, context: JsonObject, language: string | undefined, signal: AbortSignal): Promise<Stage[]> {
  const attempt = visit.attempts.at(-1);
  const definition: JsonObject = language && state.QueryLanguage === undefined ? { ...state, QueryLanguage: language } : state;
  const input: TestStateInput = {
    definition: JSON.stringify(definition),
    inspectionLevel: 'DEBUG',
    input: visit.input ?? '{}',
    variables: JSON.stringify(variablesAt(visit)),
  };
  if (attempt) {
    input.context = JSON.stringify(context); // which TestState takes with a mock only
    input.mock =
      attempt.output !== undefined
        ? { result: attempt.output, fieldValidationMode: 'NONE' }
        : { errorOutput: { error: attempt.error ?? 'States.TaskFailed', cause: attempt.cause ?? '' }, fieldValidationMode: 'NONE' };
  }
  const answer = await call('TestState', input, signal);
  const isTold = (answer.status === 'SUCCEEDED') === (visit.status === 'succeeded');
  return isTold ? stagesOf(visit.output === undefined ? answer : { ...answer, output: visit.output }) : [];
}
