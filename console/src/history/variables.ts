/** The variables that a visit could read: those assigned before it in its scope and in the scopes around it. */
import { parseJson, type Json, type JsonObject } from '@/api/json';
import type { Scope, Visit } from './run';

function assignedBefore(scope: Scope, beforeId: number, into: JsonObject): void {
  for (const visit of scope.visits) {
    if (visit.id >= beforeId) {
      return;
    }
    for (const [name, text] of Object.entries(visit.assigned ?? {})) {
      const value: Json | undefined = parseJson(text);
      into[name] = value === undefined ? text : value;
    }
  }
}

export function variablesAt(visit: Visit): JsonObject {
  const around: { scope: Scope; before: number }[] = [];
  for (let at: Visit | undefined = visit; at; at = at.scope.owner) {
    around.unshift({ scope: at.scope, before: at.id });
  }
  const variables: JsonObject = {};
  around.forEach(({ scope, before }) => assignedBefore(scope, before, variables));
  return variables;
}
