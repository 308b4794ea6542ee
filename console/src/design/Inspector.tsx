import { useEffect, useState } from 'react';

import type { Json, JsonObject } from '@/api/json';
import { queryLanguageOf, stateType, type Workflow } from '@/asl/definition';
import { namesBeside, renameState, replaceState, setField, type Change } from '@/asl/edit';
import { fieldsFor, type Field } from '@/asl/schema';
import { NoProblems, type Diagnostics } from '@/pages/DefinitionEditor';
import { Icon } from '@/parts/Icon';
import { Segments } from '@/parts/Segments';
import { JsonField, LanguageField, NumberField, ResourceField, StateField, SwitchField, TextField } from './fields';
import { CatchList, ChoiceList, RetryList } from './lists';

interface InspectorProps {
  workflow: Workflow;
  name: string | undefined;
  state: JsonObject | undefined;
  onApply: (change: Change) => void;
  onSelect: (name: string) => void;
  diagnostics: Diagnostics;
}

interface FieldRowProps {
  field: Field;
  value: Json | undefined;
  names: string[];
  isJsonata: boolean;
  onChange: (value: Json | undefined) => void;
}

function FieldRow({ field, value, names, isJsonata, onChange }: FieldRowProps) {
  const common = { label: field.name, hint: field.about, value, onChange };
  if (field.name === 'Choices') {
    return <ChoiceList {...common} names={names} isJsonata={isJsonata} />;
  }
  if (field.name === 'Retry') {
    return <RetryList {...common} />;
  }
  if (field.name === 'Catch') {
    return <CatchList {...common} names={names} />;
  }
  switch (field.form) {
    case 'json':
      return <JsonField {...common} />;
    case 'number':
      return <NumberField {...common} />;
    case 'boolean':
      return <SwitchField {...common} />;
    case 'state':
      return <StateField {...common} names={names} />;
    case 'language':
      return <LanguageField {...common} />;
    case 'resource':
      return <ResourceField {...common} />;
    default:
      return <TextField {...common} isLong={field.form === 'long'} />;
  }
}

function NameField({ name, onRename }: { name: string; onRename: (name: string) => void }) {
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  return (
    <label className="field">
      <span>Name</span>
      <input className="input" value={text} maxLength={80} onChange={(event) => setText(event.target.value)} onBlur={() => onRename(text)} onKeyDown={(event) => event.key === 'Enter' && onRename(text)} />
    </label>
  );
}

function Problems({ diagnostics }: { diagnostics: Diagnostics }) {
  return (
    <div className="problems" role="log" aria-label="Problems" aria-busy={diagnostics.isChecking}>
      {diagnostics.found.length === 0 && <NoProblems isChecking={diagnostics.isChecking} />}
      {diagnostics.found.map((one, index) => (
        <div key={index} className={`problem tone-${one.severity === 'ERROR' ? 'failed' : 'caught'}`}>
          <Icon name={one.severity === 'ERROR' ? 'cross' : 'warning'} />
          <span>
            {one.message} <span className="faint">{one.location}</span>
          </span>
        </div>
      ))}
    </div>
  );
}

/** Every field of the selected state, or the workflow's own where none is selected. */
export function Inspector({ workflow, name, state, onApply, diagnostics }: InspectorProps) {
  const [view, setView] = useState<'form' | 'json'>('form');
  const type = state && stateType(state);
  const language = queryLanguageOf(state ?? {}, workflow);
  const names = name === undefined ? Object.keys(workflow.States) : namesBeside(workflow, name);
  return (
    <section className="card pane inspector" aria-label="Inspector">
      <div className="card-head">
        <h2 className="cut">{type ?? 'Workflow'}</h2>
        {state && (
          <Segments
            label="View"
            value={view}
            onChange={setView}
            options={[
              { key: 'form', title: 'Form' },
              { key: 'json', title: 'JSON' },
            ]}
          />
        )}
      </div>
      <div className="pane-body is-padded">
        {name !== undefined && state && type && view === 'form' && (
          <div className="stack" key={name}>
            <NameField name={name} onRename={(to) => onApply(renameState(workflow, name, to))} />
            {fieldsFor(type, language).map((field) => (
              <FieldRow key={field.name} field={field} value={state[field.name]} names={names} isJsonata={language === 'JSONata'} onChange={(value) => onApply(setField(workflow, name, field.name, value))} />
            ))}
          </div>
        )}
        {name !== undefined && state && view === 'json' && (
          <JsonField key={name} label={name} value={state} isTall onChange={(value) => typeof value === 'object' && value !== null && !Array.isArray(value) && onApply(replaceState(workflow, name, value))} />
        )}
        {!state && (
          <div className="stack">
            <p className="soft">Drag states onto the canvas, onto a transition, or into a container. Drag a state’s icon to move it, and the dot below a state to lead it elsewhere.</p>
            <TextField label="Comment" value={workflow.Comment} isLong onChange={(value) => onApply({ workflow: { ...workflow, Comment: value ?? '' } })} />
            <StateField label="StartAt" value={workflow.StartAt} names={names} onChange={(value) => typeof value === 'string' && onApply({ workflow: { ...workflow, StartAt: value } })} />
            <LanguageField label="QueryLanguage" value={workflow.QueryLanguage} onChange={(value) => onApply({ workflow: withField(workflow, 'QueryLanguage', value) })} />
            <NumberField label="TimeoutSeconds" value={workflow.TimeoutSeconds} onChange={(value) => onApply({ workflow: withField(workflow, 'TimeoutSeconds', value) })} />
          </div>
        )}
      </div>
      <Problems diagnostics={diagnostics} />
    </section>
  );
}

function withField(workflow: Workflow, field: string, value: Json | undefined): Workflow {
  const { [field]: _, ...others } = workflow;
  return (value === undefined ? others : { [field]: value, ...others }) as Workflow;
}
