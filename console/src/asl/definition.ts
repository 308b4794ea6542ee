/** A definition as the console handles it: loosely typed, since what is being edited may be wrong. */
import { isObject, parseJson, type Json, type JsonObject } from '@/api/json';

export const stateTypes = ['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'] as const;
export type StateType = (typeof stateTypes)[number];
export type QueryLanguage = 'JSONPath' | 'JSONata';

export type State = JsonObject;

export interface Workflow extends JsonObject {
  StartAt: string;
  States: { [name: string]: JsonObject };
}

export function isWorkflow(value: unknown): value is Workflow {
  return isObject(value) && isObject(value.States);
}

/** The workflow of a definition's text; undefined while it is not one. */
export function readWorkflow(text: string): Workflow | undefined {
  const value = parseJson(text);
  return isWorkflow(value) ? value : undefined;
}

export function printWorkflow(workflow: JsonObject): string {
  return JSON.stringify(workflow, null, 2);
}

export function stateType(state: JsonObject): StateType | undefined {
  return stateTypes.find((type) => type === state.Type);
}

export function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The workflows inside a state: the branches of a Parallel, the processor of a Map. */
export function innerWorkflows(state: JsonObject): Workflow[] {
  if (state.Type === 'Parallel' && Array.isArray(state.Branches)) {
    return state.Branches.filter(isWorkflow);
  }
  if (state.Type === 'Map') {
    const inner = state.ItemProcessor ?? state.Iterator;
    return isWorkflow(inner) ? [inner] : [];
  }
  return [];
}

export function isDistributed(state: JsonObject): boolean {
  const processor = state.ItemProcessor;
  return (
    isObject(processor) && isObject(processor.ProcessorConfig) && processor.ProcessorConfig.Mode === 'DISTRIBUTED'
  );
}

export function queryLanguageOf(state: JsonObject, workflow: JsonObject): QueryLanguage {
  return (state.QueryLanguage ?? workflow.QueryLanguage) === 'JSONata' ? 'JSONata' : 'JSONPath';
}

export interface FoundState {
  name: string;
  state: JsonObject;
  /** Names of the containers around it, the outermost first. */
  within: { name: string; branch: number }[];
}

/** All states, those inside of Parallel and Map too; without recursion, so that depth is no matter. */
export function allStates(workflow: Workflow): FoundState[] {
  const found: FoundState[] = [];
  const waiting: { workflow: Workflow; within: FoundState['within'] }[] = [{ workflow, within: [] }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const [name, state] of Object.entries(next.workflow.States)) {
      if (!isObject(state)) {
        continue;
      }
      found.push({ name, state, within: next.within });
      const within = next.within;
      innerWorkflows(state).forEach((inner, branch) => {
        waiting.push({ workflow: inner, within: [...within, { name, branch }] });
      });
    }
  }
  return found;
}
