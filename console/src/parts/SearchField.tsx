import { Icon } from './Icon';

interface SearchFieldProps {
  label: string;
  value: string;
  maxLength?: number;
  onChange: (value: string) => void;
}

export function SearchField({ label, value, maxLength, onChange }: SearchFieldProps) {
  return (
    <div className="search">
      <Icon name="search" />
      <input className="input" type="search" aria-label={label} placeholder={label} value={value} maxLength={maxLength} onChange={(event) => onChange(event.target.value)} />
    </div>
  );
}
