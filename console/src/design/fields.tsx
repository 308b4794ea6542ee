/** The inspector's fields. Each gives undefined for a field that is not there. */
import { useEffect, useId, useState } from 'react';

import { parseJson, type Json } from '@/api/json';
import { resourceTemplates } from '@/asl/schema';

export interface FieldProps {
  label: string;
  hint?: string;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

function Title({ label, hint }: { label: string; hint?: string | undefined }) {
  return (
    <span>
      {label} {hint && <span className="hint">{hint}</span>}
    </span>
  );
}

function shown(value: Json | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** Text that is given on when the writer leaves the field, so that undo goes by changes and not by letters. */
function useDraft(text: string, commit: (text: string) => void) {
  const [draft, setDraft] = useState(text);
  useEffect(() => setDraft(text), [text]);
  return {
    value: draft,
    set: setDraft,
    commit: () => {
      if (draft !== text) {
        commit(draft);
      }
    },
  };
}

export function TextField({ label, hint, value, onChange, isLong }: FieldProps & { isLong?: boolean }) {
  const draft = useDraft(shown(value), (text) => onChange(text === '' ? undefined : text));
  const common = { value: draft.value, onBlur: draft.commit };
  return (
    <label className="field">
      <Title label={label} hint={hint} />
      {isLong ? (
        <textarea className="textarea" rows={2} {...common} onChange={(event) => draft.set(event.target.value)} />
      ) : (
        <input className="input" {...common} onChange={(event) => draft.set(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && draft.commit()} />
      )}
    </label>
  );
}

/** A number, or an expression that gives one. */
export function NumberField({ label, hint, value, onChange }: FieldProps) {
  const draft = useDraft(shown(value), (text) => onChange(text === '' ? undefined : Number.isFinite(Number(text)) ? Number(text) : text));
  return (
    <label className="field">
      <Title label={label} hint={hint} />
      <input className="input nums" inputMode="decimal" value={draft.value} onBlur={draft.commit} onChange={(event) => draft.set(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && draft.commit()} />
    </label>
  );
}

export function SwitchField({ label, hint, value, onChange }: FieldProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked ? true : undefined)} />
      <Title label={label} hint={hint} />
    </label>
  );
}

export function StateField({ label, hint, value, names, onChange }: FieldProps & { names: string[] }) {
  const current = shown(value);
  return (
    <label className="field">
      <Title label={label} hint={hint} />
      <select className="input" value={current} onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}>
        <option value="">–</option>
        {current !== '' && !names.includes(current) && <option value={current}>{current} (is not there)</option>}
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

export function LanguageField({ label, hint, value, onChange }: FieldProps) {
  return (
    <label className="field">
      <Title label={label} hint={hint} />
      <select className="input" value={shown(value)} onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}>
        <option value="">As the workflow</option>
        <option>JSONata</option>
        <option>JSONPath</option>
      </select>
    </label>
  );
}

export function ResourceField({ label, hint, value, onChange }: FieldProps) {
  const id = useId();
  const draft = useDraft(shown(value), (text) => onChange(text === '' ? undefined : text));
  return (
    <label className="field">
      <Title label={label} hint={hint} />
      <input className="input mono" list={id} value={draft.value} onBlur={draft.commit} onChange={(event) => draft.set(event.target.value)} />
      <datalist id={id}>
        {resourceTemplates.map((template) => (
          <option key={template.resource} value={template.resource}>
            {template.about}
          </option>
        ))}
      </datalist>
    </label>
  );
}

/** Any JSON. What is no JSON is kept in the field, told of, and not given on. */
export function JsonField({ label, hint, value, onChange, isTall }: FieldProps & { isTall?: boolean }) {
  const text = value === undefined ? '' : JSON.stringify(value, null, 2);
  const [wrong, setWrong] = useState(false);
  const draft = useDraft(text, (changed) => {
    const parsed = changed.trim() === '' ? undefined : (parseJson(changed) ?? (/^\s*\{%[\s\S]*%\}\s*$/.test(changed) ? changed.trim() : undefined));
    const isWrong = changed.trim() !== '' && parsed === undefined;
    setWrong(isWrong);
    if (!isWrong) {
      onChange(parsed);
    }
  });
  const lines = draft.value.split('\n').length;
  return (
    <label className="field">
      <Title label={label} hint={hint} />
      <textarea className="textarea" spellCheck={false} rows={isTall ? 24 : Math.min(Math.max(lines, 1), 12)} aria-invalid={wrong} value={draft.value} onBlur={draft.commit} onChange={(event) => draft.set(event.target.value)} />
      {wrong && <span className="wrong">This is not JSON yet.</span>}
    </label>
  );
}
