import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';

export interface TabItem<K extends string> {
  key: K;
  title: string;
  tally?: number | undefined;
}

interface TabsProps<K extends string> {
  label: string;
  items: TabItem<K>[];
  active: K;
  onChange: (key: K) => void;
  children?: ReactNode;
}

/** Tabs by the ARIA pattern: arrows move between them. */
export function Tabs<K extends string>({ label, items, active, onChange, children }: TabsProps<K>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = list.current?.querySelector('[aria-selected=true]');
    if (list.current && tab) {
      // Where they do not all fit, the active one is brought into view; the page itself stays where it is.
      const room = list.current.getBoundingClientRect();
      const place = tab.getBoundingClientRect();
      list.current.scrollLeft += Math.max(place.right - room.right, 0) + Math.min(place.left - room.left, 0);
    }
  }, [active]);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const isOf = (item: TabItem<K>): boolean => event.target instanceof Element && event.target.id === `${id}-${item.key}`;
      const index = items.findIndex(isOf); // where the focus is: what is shown may come later
      const next = items[(index + step + items.length) % items.length];
      if (next) {
        onChange(next.key);
        document.getElementById(`${id}-${next.key}`)?.focus();
      }
    }
  };
  return (
    <>
      <div ref={list} className="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {items.map((item) => (
          <button key={item.key} id={`${id}-${item.key}`} type="button" role="tab" className="tab" aria-selected={item.key === active} tabIndex={item.key === active ? 0 : -1} onClick={() => onChange(item.key)}>
            {item.title}
            {item.tally !== undefined && <span className="tally">{item.tally}</span>}
          </button>
        ))}
      </div>
      {children}
    </>
  );
}
