/** A Choice rule in words short enough for an edge of the graph. */
import { isObject, type Json, type JsonObject } from '@/api/json';

const operators: [suffix: string, sign: string][] = [
  ['GreaterThanEquals', '≥'],
  ['LessThanEquals', '≤'],
  ['GreaterThan', '>'],
  ['LessThan', '<'],
  ['Equals', '='],
  ['Matches', 'matches'],
];

const tests: Record<string, string> = {
  IsNull: 'is null',
  IsPresent: 'is present',
  IsNumeric: 'is a number',
  IsString: 'is text',
  IsBoolean: 'is boolean',
  IsTimestamp: 'is a time',
};

const depthMax = 8;

function comparison(rule: JsonObject): string {
  const variable = typeof rule.Variable === 'string' ? rule.Variable : '?';
  for (const [name, value] of Object.entries(rule)) {
    const test = tests[name];
    if (test) {
      return value === false ? `${variable} ${test.replace('is ', 'is not ')}` : `${variable} ${test}`;
    }
    const base = name.replace(/Path$/, '');
    const operator = operators.find(([suffix]) => base.endsWith(suffix));
    if (operator && name !== 'Variable') {
      return `${variable} ${operator[1]} ${name.endsWith('Path') ? String(value) : JSON.stringify(value)}`;
    }
  }
  return variable;
}

function ruleText(rule: Json | undefined, depth: number): string {
  if (!isObject(rule) || depth > depthMax) {
    return '…';
  }
  if (Array.isArray(rule.And)) {
    return rule.And.map((part) => ruleText(part, depth + 1)).join(' and ');
  }
  if (Array.isArray(rule.Or)) {
    return rule.Or.map((part) => ruleText(part, depth + 1)).join(' or ');
  }
  if (rule.Not !== undefined) {
    return `not (${ruleText(rule.Not, depth + 1)})`;
  }
  return comparison(rule);
}

export function choiceText(rule: JsonObject): string {
  if (typeof rule.Condition === 'string') {
    return rule.Condition.replace(/^\s*\{%\s*/, '').replace(/\s*%\}\s*$/, '');
  }
  return ruleText(rule, 0);
}
