import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionSource } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { flushSync } from 'react-dom';

import { theme } from './theme';

export type { Diagnostic } from '@codemirror/lint';

interface EditorProps {
  label: string;
  value: string;
  onChange?: (value: string) => void;
  onCursor?: (offset: number) => void;
  diagnostics?: Diagnostic[];
  completion?: CompletionSource;
  /** Scrolled to and selected when it changes. */
  reveal?: { from: number; to: number } | undefined;
  isJson?: boolean;
  hint?: string;
}

const fromOutside = Annotation.define<boolean>();

function extensions(props: EditorProps): Extension[] {
  const isReadOnly = !props.onChange;
  return [
    lineNumbers(),
    foldGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, ...(isReadOnly ? [] : [indentWithTab])]),
    ...(props.isJson === false ? [EditorView.lineWrapping] : [json()]),
    ...(props.completion ? [autocompletion({ override: [props.completion] })] : []),
    ...(props.diagnostics ? [lintGutter()] : []),
    ...(props.hint ? [placeholder(props.hint)] : []),
    EditorState.readOnly.of(isReadOnly),
    EditorView.contentAttributes.of({ 'aria-label': props.label }),
    theme,
  ];
}

/**
 * CodeMirror. It lives in a shadow root: there its styles are adopted style sheets, which the content security policy
 * allows, rather than style elements, which it does not.
 */
export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const listening = useRef(new Compartment());
  useEffect(() => {
    const element = host.current;
    if (!element) {
      return undefined;
    }
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const made = new EditorView({
      doc: latest.current.value,
      parent: root,
      root,
      extensions: [
        ...extensions(latest.current),
        listening.current.of(
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) {
              // At once: a value that is rendered after the next letter would take that letter back.
              flushSync(() => latest.current.onChange?.(update.state.doc.toString()));
            }
            if (update.selectionSet || update.docChanged) {
              latest.current.onCursor?.(update.state.selection.main.head);
            }
          }),
        ),
      ],
    });
    made.dom.style.height = '100%';
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, []);
  useLayoutEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== props.value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value }, annotations: fromOutside.of(true) });
    }
  }, [props.value]);
  useEffect(() => {
    const editor = view.current;
    if (editor && props.diagnostics) {
      const end = editor.state.doc.length;
      const inside = props.diagnostics.map((one) => ({ ...one, from: Math.min(one.from, end), to: Math.min(one.to, end) }));
      editor.dispatch(setDiagnostics(editor.state, inside));
    }
  }, [props.diagnostics, props.value]);
  useEffect(() => {
    const editor = view.current;
    if (editor && props.reveal) {
      const end = editor.state.doc.length;
      const anchor = Math.min(props.reveal.from, end);
      editor.dispatch({ selection: { anchor, head: Math.min(props.reveal.to, end) }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
    }
  }, [props.reveal]);
  return <div ref={host} className="editor" />;
}
