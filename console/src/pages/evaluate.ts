/** Evaluates one expression: by the server's playground, or else by a Pass state that is tested. */
import { call } from '@/api/aws';
import { askEvaluate, type EvaluateAnswer } from '@/api/console';
import { parseJson, type JsonObject } from '@/api/json';

export type Language = 'jsonata' | 'jsonpath' | 'intrinsic';

export async function evaluate(language: Language, expression: string, data: string, variables: string, signal?: AbortSignal): Promise<EvaluateAnswer> {
  const given = parseJson(data) ?? {};
  const known = variables.trim() ? parseJson(variables) : undefined;
  const told = await askEvaluate({ language, expression, data: given, ...(known === undefined ? {} : { variables: known }) }, signal);
  if (told) {
    return told;
  }
  const state: JsonObject =
    language === 'jsonata' ? { Type: 'Pass', QueryLanguage: 'JSONata', Output: `{% ${expression} %}`, End: true } : { Type: 'Pass', Parameters: { 'result.$': expression }, End: true };
  const answer = await call('TestState', { definition: JSON.stringify(state), input: JSON.stringify(given), ...(known === undefined ? {} : { variables: JSON.stringify(known) }) }, signal);
  if (answer.error !== undefined) {
    return { error: { name: answer.error, message: answer.cause ?? '' } };
  }
  const output = parseJson(answer.output ?? 'null') ?? null;
  return { result: language === 'jsonata' ? output : ((output as JsonObject).result ?? null) };
}
