/** Lists of the inspector: rules of a Choice, retriers, catchers. */
import type { ReactNode } from 'react';

import { isObject, type Json, type JsonObject } from '@/api/json';
import { Button } from '@/parts/Button';
import { JsonField, NumberField, StateField, TextField, type FieldProps } from './fields';

function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function withMember(item: JsonObject, name: string, value: Json | undefined): JsonObject {
  const { [name]: _, ...others } = item;
  return value === undefined ? others : { ...others, [name]: value };
}

interface ItemListProps extends FieldProps {
  one: string;
  fresh: JsonObject;
  children: (item: JsonObject, set: (name: string, value: Json | undefined) => void, replace: (item: JsonObject) => void) => ReactNode;
}

function ItemList({ label, hint, value, onChange, one, fresh, children }: ItemListProps) {
  const items = objects(value);
  const change = (next: JsonObject[]): void => onChange(next.length ? next : undefined);
  const swap = (index: number): void => change(items.map((item, at) => (at === index - 1 ? (items[index] ?? item) : at === index ? (items[index - 1] ?? item) : item)));
  return (
    <fieldset className="list-field">
      <legend>
        {label} <span className="hint">{hint}</span>
      </legend>
      {items.map((item, index) => (
        <div key={index} className="list-item">
          <div className="row spread">
            <span className="faint">
              {one} {index + 1}
            </span>
            <span className="row">
              <Button look="quiet" isSmall disabled={index === 0} aria-label={`Move ${one.toLowerCase()} ${index + 1} up`} onClick={() => swap(index)}>
                ↑
              </Button>
              <Button look="quiet" isSmall icon="trash" aria-label={`Remove ${one.toLowerCase()} ${index + 1}`} onClick={() => change(items.filter((_, at) => at !== index))} />
            </span>
          </div>
          {children(
            item,
            (name, given) => change(items.map((other, at) => (at === index ? withMember(other, name, given) : other))),
            (given) => change(items.map((other, at) => (at === index ? given : other))),
          )}
        </div>
      ))}
      <Button isSmall icon="plus" onClick={() => onChange([...items, fresh])}>
        {one}
      </Button>
    </fieldset>
  );
}

export function ChoiceList({ names, isJsonata, ...field }: FieldProps & { names: string[]; isJsonata: boolean }) {
  const fresh: JsonObject = isJsonata ? { Condition: '{% true %}', Next: names[0] ?? '' } : { Variable: '$.value', IsPresent: true, Next: names[0] ?? '' };
  return (
    <ItemList {...field} one="Rule" fresh={fresh}>
      {(item, set, replace) => {
        const { Next: next, ...rule } = item;
        return (
          <>
            {isJsonata ? (
              <TextField label="Condition" value={item.Condition} isLong onChange={(value) => set('Condition', value)} />
            ) : (
              <JsonField label="Rule" value={rule} onChange={(value) => isObject(value) && replace({ ...value, ...(next === undefined ? {} : { Next: next }) })} />
            )}
            <StateField label="Next" value={next} names={names} onChange={(value) => set('Next', value)} />
          </>
        );
      }}
    </ItemList>
  );
}

function ErrorsField({ item, set }: { item: JsonObject; set: (name: string, value: Json | undefined) => void }) {
  const errors = Array.isArray(item.ErrorEquals) ? item.ErrorEquals.join(', ') : '';
  return (
    <TextField
      label="ErrorEquals"
      hint="names, with commas between"
      value={errors}
      onChange={(value) =>
        set(
          'ErrorEquals',
          String(value ?? '')
            .split(',')
            .map((name) => name.trim())
            .filter(Boolean),
        )
      }
    />
  );
}

export function RetryList(field: FieldProps) {
  return (
    <ItemList {...field} one="Retrier" fresh={{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2 }}>
      {(item, set) => (
        <>
          <ErrorsField item={item} set={set} />
          <div className="list-grid">
            {['IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds'].map((name) => (
              <NumberField key={name} label={name} value={item[name]} onChange={(value) => set(name, value)} />
            ))}
          </div>
          <TextField label="JitterStrategy" hint="FULL or NONE" value={item.JitterStrategy} onChange={(value) => set('JitterStrategy', value)} />
        </>
      )}
    </ItemList>
  );
}

export function CatchList({ names, ...field }: FieldProps & { names: string[] }) {
  return (
    <ItemList {...field} one="Catcher" fresh={{ ErrorEquals: ['States.ALL'], Next: names[0] ?? '' }}>
      {(item, set) => (
        <>
          <ErrorsField item={item} set={set} />
          <StateField label="Next" value={item.Next} names={names} onChange={(value) => set('Next', value)} />
          <TextField label="ResultPath" hint="JSONPath" value={item.ResultPath} onChange={(value) => set('ResultPath', value)} />
          <JsonField label="Output" hint="JSONata" value={item.Output} onChange={(value) => set('Output', value)} />
          <JsonField label="Assign" value={item.Assign} onChange={(value) => set('Assign', value)} />
        </>
      )}
    </ItemList>
  );
}
