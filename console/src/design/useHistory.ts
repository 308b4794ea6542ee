import { useCallback, useEffect, useRef, useState } from 'react';

const kept = 200;

interface Steps {
  past: string[];
  future: string[];
}

/** Undo and redo of a text that only one hand changes at a time. */
export function useHistory(text: string, onChange: (text: string) => void) {
  const [steps, setSteps] = useState<Steps>({ past: [], future: [] });
  const current = useRef(text);
  current.current = text;
  const change = useCallback(
    (next: string) => {
      if (next !== current.current) {
        const before = current.current;
        setSteps(({ past }) => ({ past: [...past, before].slice(-kept), future: [] }));
        onChange(next);
      }
    },
    [onChange],
  );
  const undo = useCallback(() => {
    const before = steps.past.at(-1);
    if (before !== undefined) {
      setSteps({ past: steps.past.slice(0, -1), future: [current.current, ...steps.future] });
      onChange(before);
    }
  }, [steps, onChange]);
  const redo = useCallback(() => {
    const [after, ...future] = steps.future;
    if (after !== undefined) {
      setSteps({ past: [...steps.past, current.current], future });
      onChange(after);
    }
  }, [steps, onChange]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, .editor');
      if (!isTyping && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
        event.preventDefault();
        event.shiftKey ? redo() : undo();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [undo, redo]);
  return { change, undo, redo, canUndo: steps.past.length > 0, canRedo: steps.future.length > 0 };
}
