import { useEffect, useMemo, useState } from 'react';

import { call } from '@/api/aws';
import { ApiError } from '@/api/request';
import type { Diagnostic as AslDiagnostic, MachineType } from '@/api/types';
import { findLocation } from '@/asl/positions';
import { Editor, type Diagnostic } from '@/editor/Editor';
import { aslCompletion } from '@/editor/completion';
import { Icon } from '@/parts/Icon';

const pauseMs = 250;

export interface Diagnostics {
  /** Of the text as it is, or as it was a moment ago. */
  found: AslDiagnostic[];
  isChecking: boolean;
}

/** Diagnostics of ValidateStateMachineDefinition, asked for when the writer pauses. */
export function useDiagnostics(text: string, type: MachineType): Diagnostics {
  const [told, setTold] = useState<{ found: AslDiagnostic[]; text?: string; type?: MachineType }>({ found: [] });
  useEffect(() => {
    const control = new AbortController();
    const timer = setTimeout(() => {
      call('ValidateStateMachineDefinition', { definition: text || ' ', type, severity: 'WARNING' }, control.signal).then(
        (answer) => setTold({ found: answer.diagnostics, text, type }),
        (error: unknown) => {
          if (!control.signal.aborted && error instanceof ApiError) {
            setTold({ found: [{ severity: 'ERROR', code: error.code, message: error.message }], text, type }); // too long, perhaps
          }
        },
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [text, type]);
  return { found: told.found, isChecking: told.text !== text || told.type !== type };
}

/** What stands where there are no problems. */
export function NoProblems({ isChecking }: { isChecking: boolean }) {
  return isChecking ? (
    <div className="problem faint">
      <Icon name="clock" /> Checking
    </div>
  ) : (
    <div className="problem tone-succeeded">
      <Icon name="check" /> No problems
    </div>
  );
}

interface DefinitionEditorProps {
  text: string;
  onChange: (text: string) => void;
  onCursor?: (offset: number) => void;
  diagnostics: Diagnostics;
  reveal?: { from: number; to: number } | undefined;
}

/** The definition's text with its diagnostics: in the lines, and listed below. */
export function DefinitionEditor({ text, onChange, onCursor, diagnostics, reveal }: DefinitionEditorProps) {
  const [jump, setJump] = useState<{ from: number; to: number }>();
  const placed = useMemo(
    () =>
      diagnostics.found.map((one): Diagnostic & { code: string } => ({
        ...findLocation(text, one.location ?? ''),
        severity: one.severity === 'ERROR' ? 'error' : 'warning',
        message: `${one.code}: ${one.message}`,
        code: one.code,
      })),
    [text, diagnostics.found],
  );
  useEffect(() => setJump(reveal), [reveal]);
  return (
    <>
      <div className="grow editor-host">
        <Editor label="Definition" value={text} onChange={onChange} {...(onCursor ? { onCursor } : {})} diagnostics={placed} completion={aslCompletion} reveal={jump} />
      </div>
      <div className="problems" role="log" aria-label="Problems" aria-busy={diagnostics.isChecking}>
        {placed.length === 0 && <NoProblems isChecking={diagnostics.isChecking} />}
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
