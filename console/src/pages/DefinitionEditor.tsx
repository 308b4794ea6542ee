import { useEffect, useMemo, useState } from 'react';

import { call } from '@/api/aws';
import type { Diagnostic as AslDiagnostic, MachineType } from '@/api/types';
import { findLocation } from '@/asl/positions';
import { Editor, type Diagnostic } from '@/editor/Editor';
import { aslCompletion } from '@/editor/completion';
import { Icon } from '@/parts/Icon';

const pauseMs = 250;

/** Diagnostics of ValidateStateMachineDefinition, asked for when the writer pauses. */
export function useDiagnostics(text: string, type: MachineType): AslDiagnostic[] {
  const [found, setFound] = useState<AslDiagnostic[]>([]);
  useEffect(() => {
    const control = new AbortController();
    const timer = setTimeout(() => {
      call('ValidateStateMachineDefinition', { definition: text || ' ', type, severity: 'WARNING' }, control.signal).then(
        (answer) => setFound(answer.diagnostics),
        () => undefined, // the text may be beyond the API's limits while it is written
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, type]);
  return found;
}

interface DefinitionEditorProps {
  text: string;
  onChange: (text: string) => void;
  onCursor?: (offset: number) => void;
  diagnostics: AslDiagnostic[];
  reveal?: { from: number; to: number } | undefined;
}

/** The definition's text with its diagnostics: in the lines, and listed below. */
export function DefinitionEditor({ text, onChange, onCursor, diagnostics, reveal }: DefinitionEditorProps) {
  const [jump, setJump] = useState<{ from: number; to: number }>();
  const placed = useMemo(
    () =>
      diagnostics.map((one): Diagnostic & { code: string } => ({
        ...findLocation(text, one.location ?? ''),
        severity: one.severity === 'ERROR' ? 'error' : 'warning',
        message: `${one.code}: ${one.message}`,
        code: one.code,
      })),
    [text, diagnostics],
  );
  useEffect(() => setJump(reveal), [reveal]);
  return (
    <>
      <div className="grow editor-host">
        <Editor label="Definition" value={text} onChange={onChange} {...(onCursor ? { onCursor } : {})} diagnostics={placed} completion={aslCompletion} reveal={jump} />
      </div>
      <div className="problems" role="log" aria-label="Problems">
        {placed.length === 0 && (
          <div className="problem tone-succeeded">
            <Icon name="check" /> No problems
          </div>
        )}
        {placed.map((one, index) => (
          <button key={index} type="button" className={`problem tone-${one.severity === 'error' ? 'failed' : 'caught'}`} onClick={() => setJump({ from: one.from, to: one.to })}>
            <Icon name={one.severity === 'error' ? 'cross' : 'warning'} />
            <span className="grow">{one.message}</span>
            <span className="faint nums">line {text.slice(0, one.from).split('\n').length}</span>
          </button>
        ))}
      </div>
    </>
  );
}
