import { useMemo } from 'react';

import { prettyJson } from '@/api/json';
import { findState } from '@/asl/positions';
import { Editor } from '@/editor/Editor';

/** The definition that the execution runs, which may not be the latest. */
export function DefinitionText({ definition, selected }: { definition: string; selected: string | undefined }) {
  const text = useMemo(() => prettyJson(definition), [definition]);
  const reveal = useMemo(() => (selected === undefined ? undefined : findState(text, selected)), [text, selected]);
  return <Editor label="Definition" value={text} reveal={reveal} />;
}
