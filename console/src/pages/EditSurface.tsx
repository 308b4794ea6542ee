import type { MachineType } from '@/api/types';
import { DesignSurface } from '@/design/DesignSurface';
import { Workbench } from './Workbench';

export type EditMode = 'code' | 'design';

interface EditSurfaceProps {
  mode: EditMode;
  text: string;
  onChange: (text: string) => void;
  type: MachineType;
}

/** One definition, two ways of editing it. The text is the truth of both. */
export function EditSurface({ mode, text, onChange, type }: EditSurfaceProps) {
  return mode === 'design' ? <DesignSurface text={text} onChange={onChange} type={type} /> : <Workbench text={text} onChange={onChange} type={type} />;
}
