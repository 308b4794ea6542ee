/** Completion of ASL in the editor: fields of the state around the cursor, types, names of states, resources. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';

import { fieldsOf, resourceTemplates, workflowFields } from '@/asl/schema';
import { stateTypes } from '@/asl/definition';

type Node = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>;

function textOf(context: CompletionContext, node: Node | null): string {
  return node ? context.state.sliceDoc(node.from, node.to).replace(/^"|"$/g, '') : '';
}

function member(context: CompletionContext, object: Node, name: string): string | undefined {
  for (let child = object.firstChild; child; child = child.nextSibling) {
    if (child.name === 'Property' && textOf(context, child.firstChild) === name) {
      return textOf(context, child.lastChild);
    }
  }
  return undefined;
}

/** The name of the property that holds an object: "States" for the object of states. */
function holder(context: CompletionContext, object: Node | null): string {
  const parent = object?.parent;
  return parent?.name === 'Property' ? textOf(context, parent.firstChild) : '';
}

function stateNames(context: CompletionContext): string[] {
  const names: string[] = [];
  syntaxTree(context.state).iterate({
    enter: (cursor) => {
      if (cursor.name === 'Property' && holder(context, cursor.node.parent) === 'States') {
        names.push(textOf(context, cursor.node.firstChild));
      }
    },
  });
  return names;
}

function keyOptions(context: CompletionContext, object: Node): Completion[] {
  const type = member(context, object, 'Type');
  const inStates = holder(context, object.parent?.parent ?? null) === 'States';
  const fields = inStates || type ? fieldsOf(type, member(context, object, 'QueryLanguage')) : holder(context, object) === '' ? workflowFields : [];
  return fields.map((field) => ({ label: `"${field.name}"`, apply: `"${field.name}": ${field.start}`, detail: field.about, type: 'property' }));
}

function valueOptions(context: CompletionContext, name: string): Completion[] {
  switch (name) {
    case 'Type':
      return stateTypes.map((label) => ({ label: `"${label}"`, type: 'type' }));
    case 'Next':
    case 'Default':
    case 'StartAt':
      return stateNames(context).map((label) => ({ label: `"${label}"`, type: 'variable' }));
    case 'Resource':
      return resourceTemplates.map(({ resource, about }) => ({ label: `"${resource}"`, detail: about, type: 'constant' }));
    case 'QueryLanguage':
      return ['JSONata', 'JSONPath'].map((label) => ({ label: `"${label}"`, type: 'enum' }));
    case 'Mode':
      return ['INLINE', 'DISTRIBUTED'].map((label) => ({ label: `"${label}"`, type: 'enum' }));
    case 'End':
      return [{ label: 'true', type: 'keyword' }];
    default:
      return [];
  }
}

export function aslCompletion(context: CompletionContext): CompletionResult | null {
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  const word = context.matchBefore(/"[^"\n]*|[\w-]*/);
  const from = word?.from ?? context.pos;
  const property = node.name === 'Property' ? node : node.parent?.name === 'Property' ? node.parent : undefined;
  const before = context.state.sliceDoc(Math.max(0, from - 40), from);
  const value = /"([A-Za-z]+)"\s*:\s*$/.exec(before);
  let options: Completion[];
  if (value) {
    options = valueOptions(context, value[1] ?? '');
  } else {
    const object = property?.parent?.name === 'Object' ? property.parent : node.name === 'Object' ? node : node.parent?.name === 'Object' ? node.parent : undefined;
    options = object && /[{,]\s*$/.test(before) ? keyOptions(context, object) : [];
  }
  if (!options.length || (!context.explicit && word?.from === word?.to)) {
    return null;
  }
  const closing = context.state.sliceDoc(context.pos, context.pos + 1) === '"' ? context.pos + 1 : context.pos;
  return { from, to: closing, options, validFor: /^"?[^"\n]*$/ };
}
