import type { MachineType } from '@/api/types';
import { Workbench } from './Workbench';

export type EditMode = 'code' | 'design';

interface EditSurfaceProps {
  mode: EditMode;
  text: string;
  onChange: (text: string) => void;
  type: MachineType;
}

/** One definition, two ways of editing it. The text is the truth of both. */
export function EditSurface({ text, onChange, type }: EditSurfaceProps) {
  return <Workbench text={text} onChange={onChange} type={type} />;
}
