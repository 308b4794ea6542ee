/**
 * The fields of each state: for completion and for the inspector's form.
 * Source: https://states-language.net/spec.html and the Step Functions developer guide.
 */
import type { QueryLanguage, StateType } from './definition';

export type FieldForm = 'text' | 'long' | 'number' | 'boolean' | 'json' | 'state' | 'language' | 'resource';

export interface Field {
  name: string;
  form: FieldForm;
  about: string;
  /** What completion writes after the colon. */
  start: string;
  /** Only in this language; absent: in both. */
  only?: QueryLanguage;
  types: readonly StateType[] | 'all';
}

function field(name: string, form: FieldForm, types: Field['types'], about: string, only?: QueryLanguage): Field {
  const starts: Record<FieldForm, string> = { text: '""', long: '""', number: '1', boolean: 'true', json: '{}', state: '""', language: '"JSONata"', resource: '""' };
  const start = ['Retry', 'Catch', 'Choices', 'Branches'].includes(name) ? '[]' : starts[form];
  return { name, form, types, about, start, ...(only ? { only } : {}) };
}

const flow: StateType[] = ['Task', 'Pass', 'Wait', 'Parallel', 'Map'];
const calling: StateType[] = ['Task', 'Parallel', 'Map'];

export const fields: readonly Field[] = [
  field('Comment', 'long', 'all', 'for people'),
  field('QueryLanguage', 'language', 'all', 'JSONata or JSONPath'),
  field('Resource', 'resource', ['Task'], 'what to call'),
  field('Arguments', 'json', ['Task', 'Parallel'], 'what it gets', 'JSONata'),
  field('Parameters', 'json', ['Task', 'Pass', 'Parallel', 'Map'], 'what it gets', 'JSONPath'),
  field('InputPath', 'text', ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Parallel', 'Map'], 'part of the input', 'JSONPath'),
  field('Result', 'json', ['Pass'], 'a fixed result', 'JSONPath'),
  field('ResultSelector', 'json', calling, 'shapes the result', 'JSONPath'),
  field('ResultPath', 'text', ['Task', 'Pass', 'Parallel', 'Map'], 'where the result goes', 'JSONPath'),
  field('OutputPath', 'text', ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Parallel', 'Map'], 'part of the output', 'JSONPath'),
  field('Output', 'json', ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Parallel', 'Map'], 'the output', 'JSONata'),
  field('Assign', 'json', ['Task', 'Pass', 'Choice', 'Wait', 'Parallel', 'Map'], 'variables to set'),
  field('Choices', 'json', ['Choice'], 'the rules, in order'),
  field('Default', 'state', ['Choice'], 'where no rule holds'),
  field('Seconds', 'number', ['Wait'], 'how long'),
  field('SecondsPath', 'text', ['Wait'], 'how long', 'JSONPath'),
  field('Timestamp', 'text', ['Wait'], 'until when'),
  field('TimestampPath', 'text', ['Wait'], 'until when', 'JSONPath'),
  field('Error', 'text', ['Fail'], 'the error’s name'),
  field('ErrorPath', 'text', ['Fail'], 'the error’s name', 'JSONPath'),
  field('Cause', 'long', ['Fail'], 'what happened'),
  field('CausePath', 'text', ['Fail'], 'what happened', 'JSONPath'),
  field('Branches', 'json', ['Parallel'], 'workflows side by side'),
  field('Items', 'json', ['Map'], 'what to go over', 'JSONata'),
  field('ItemsPath', 'text', ['Map'], 'what to go over', 'JSONPath'),
  field('ItemSelector', 'json', ['Map'], 'shapes each item'),
  field('ItemProcessor', 'json', ['Map'], 'the workflow of an item'),
  field('ItemReader', 'json', ['Map'], 'reads items (distributed)'),
  field('ItemBatcher', 'json', ['Map'], 'groups items (distributed)'),
  field('ResultWriter', 'json', ['Map'], 'keeps results (distributed)'),
  field('MaxConcurrency', 'number', ['Map'], 'items at once; 0: as many as may be'),
  field('MaxConcurrencyPath', 'text', ['Map'], 'items at once', 'JSONPath'),
  field('ToleratedFailurePercentage', 'number', ['Map'], 'of items (distributed)'),
  field('ToleratedFailureCount', 'number', ['Map'], 'of items (distributed)'),
  field('Label', 'text', ['Map'], 'of the map run (distributed)'),
  field('TimeoutSeconds', 'number', ['Task'], 'at most'),
  field('TimeoutSecondsPath', 'text', ['Task'], 'at most', 'JSONPath'),
  field('HeartbeatSeconds', 'number', ['Task'], 'between signs of life'),
  field('HeartbeatSecondsPath', 'text', ['Task'], 'between signs of life', 'JSONPath'),
  field('Credentials', 'json', ['Task'], 'the role to take on'),
  field('Retry', 'json', calling, 'which errors to try again after'),
  field('Catch', 'json', calling, 'where to go after an error'),
  field('Next', 'state', flow, 'the next state'),
  field('End', 'boolean', flow, 'the workflow ends here'),
];

export function fieldsFor(type: StateType, language: QueryLanguage): Field[] {
  return fields.filter((one) => (one.types === 'all' || one.types.includes(type)) && (!one.only || one.only === language));
}

/** For completion, where the type may be missing or wrong. */
export function fieldsOf(type: string | undefined, language: string | undefined): Field[] {
  const typeField = field('Type', 'text', 'all', 'the kind of state');
  const known = fields.filter((one) => type === undefined || one.types === 'all' || (one.types as readonly string[]).includes(type));
  return [typeField, ...known.filter((one) => !language || !one.only || one.only === language)];
}

export const workflowFields: Field[] = [
  field('Comment', 'long', 'all', 'for people'),
  field('StartAt', 'state', 'all', 'the first state'),
  field('States', 'json', 'all', 'the states by name'),
  field('QueryLanguage', 'language', 'all', 'JSONata or JSONPath'),
  field('TimeoutSeconds', 'number', 'all', 'of a whole execution'),
  field('Version', 'text', 'all', '1.0'),
];

export const resourceTemplates: { resource: string; about: string }[] = [
  { resource: 'arn:aws:states:::lambda:invoke', about: 'a Lambda function' },
  { resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', about: 'and wait for its token' },
  { resource: 'arn:aws:states:::states:startExecution.sync:2', about: 'another workflow' },
  { resource: 'arn:aws:states:::sqs:sendMessage', about: 'a message to a queue' },
  { resource: 'arn:aws:states:::sns:publish', about: 'a message to a topic' },
  { resource: 'arn:aws:states:::dynamodb:getItem', about: 'DynamoDB' },
  { resource: 'arn:aws:states:::dynamodb:putItem', about: 'DynamoDB' },
  { resource: 'arn:aws:states:::dynamodb:updateItem', about: 'DynamoDB' },
  { resource: 'arn:aws:states:::events:putEvents', about: 'EventBridge' },
  { resource: 'arn:aws:states:::http:invoke', about: 'an HTTP endpoint' },
  { resource: 'arn:aws:states:::ecs:runTask.sync', about: 'a container' },
  { resource: 'arn:aws:states:::glue:startJobRun.sync', about: 'a Glue job' },
  { resource: 'arn:aws:states:::aws-sdk:s3:getObject', about: 'any AWS service' },
];
