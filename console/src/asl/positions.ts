/** Where in a definition's text a state or a field stands. */
import { jsonLanguage } from '@codemirror/lang-json';

type Tree = ReturnType<typeof jsonLanguage.parser.parse>;
type Node = Tree['topNode'];

export interface Range {
  from: number;
  to: number;
}

function stringValue(text: string, node: Node): string {
  try {
    return JSON.parse(text.slice(node.from, node.to)) as string;
  } catch {
    return text.slice(node.from + 1, node.to - 1);
  }
}

/** The property whose name the rest of a location begins with; the longest name, since names are not escaped. */
function propertyAt(text: string, object: Node, rest: string): { property: Node; length: number } | undefined {
  let best: { property: Node; length: number } | undefined;
  for (let child = object.firstChild; child; child = child.nextSibling) {
    const key = child.name === 'Property' ? child.firstChild : null;
    const name = key ? stringValue(text, key) : '';
    const after = rest.charAt(name.length);
    if (key && rest.startsWith(name) && (after === '' || after === '/' || after === '[') && name.length >= (best?.length ?? 0)) {
      best = { property: child, length: name.length };
    }
  }
  return best;
}

function element(array: Node, index: number): Node | undefined {
  let seen = 0;
  for (let child = array.firstChild; child; child = child.nextSibling) {
    if (!['[', ']', ',', '⚠'].includes(child.name) && seen++ === index) {
      return child;
    }
  }
  return undefined;
}

/** Jackson's place of a fault in text that is no JSON: "line: 3, column: 5". */
function faultRange(text: string, location: string): Range | undefined {
  const place = /line: (\d+), column: (\d+)/.exec(location);
  if (!place) {
    return undefined;
  }
  const before = text.split('\n').slice(0, Number(place[1]) - 1).join('\n').length;
  const from = Math.min(before + Number(place[2]), Math.max(text.length - 1, 0));
  return { from, to: Math.min(from + 1, text.length) };
}

function rangeOf(property: Node): Range {
  const key = property.firstChild;
  const value = property.lastChild;
  const isShort = value && value !== key && value.name !== 'Object' && value.name !== 'Array';
  const shown = isShort ? value : key;
  return { from: shown?.from ?? property.from, to: shown?.to ?? property.to };
}

/** The range of what a diagnostic's location names ("/States/A/Catch[0]/Next"); of its nearest surroundings otherwise. */
export function findLocation(text: string, location: string): Range {
  const fault = faultRange(text, location);
  if (fault) {
    return fault;
  }
  let value: Node | null = jsonLanguage.parser.parse(text).topNode.firstChild;
  let range: Range = { from: 0, to: Math.min(text.length, 1) };
  let rest = location;
  while (value && rest) {
    const index = /^\[(\d+)\]/.exec(rest);
    if (value.name === 'Array' && index) {
      const found: Node | undefined = element(value, Number(index[1]));
      value = found ?? null;
      range = found ? { from: found.from, to: found.to } : range;
      rest = rest.slice(index[0].length);
    } else if (value.name === 'Object') {
      rest = rest.replace(/^\//, '');
      const found = propertyAt(text, value, rest);
      value = found && found.property.lastChild !== found.property.firstChild ? found.property.lastChild : null;
      range = found ? rangeOf(found.property) : range;
      rest = rest.slice(found?.length ?? 0);
    } else {
      break;
    }
  }
  return range;
}

/** Where a state's name stands as a key of some States. */
export function findState(text: string, name: string): Range | undefined {
  const tree = jsonLanguage.parser.parse(text);
  let found: Range | undefined;
  tree.iterate({
    enter: (cursor) => {
      if (found || cursor.name !== 'Property') {
        return !found;
      }
      const node = cursor.node;
      const key = node.firstChild;
      const states = node.parent?.parent?.firstChild;
      if (key && states && node.parent?.parent?.name === 'Property' && stringValue(text, states) === 'States' && stringValue(text, key) === name) {
        found = { from: key.from, to: key.to };
        return false;
      }
      return true;
    },
  });
  return found;
}

/** The name of the innermost state that stands around an offset. */
export function stateAt(text: string, offset: number): string | undefined {
  let node: Node | null = jsonLanguage.parser.parse(text).resolveInner(offset, 1);
  for (; node; node = node.parent) {
    const states = node.parent?.parent;
    if (node.name === 'Property' && states?.name === 'Property' && states.firstChild && node.firstChild) {
      if (stringValue(text, states.firstChild) === 'States') {
        return stringValue(text, node.firstChild);
      }
    }
  }
  return undefined;
}
