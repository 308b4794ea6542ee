interface SegmentsProps<K extends string> {
  label: string;
  options: { key: K; title: string }[];
  value: K;
  onChange: (key: K) => void;
}

/** A choice between a few ways of looking at one thing. */
export function Segments<K extends string>({ label, options, value, onChange }: SegmentsProps<K>) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.key} type="button" aria-pressed={option.key === value} onClick={() => onChange(option.key)}>
          {option.title}
        </button>
      ))}
    </div>
  );
}
