import { useEffect, useRef, useState } from 'react';

import { Button } from './Button';
import type { IconName } from './Icon';

export interface MenuItem {
  title: string;
  onSelect: () => void;
  isDisabled?: boolean;
}

export function Menu({ title, icon, items }: { title: string; icon?: IconName; items: MenuItem[] }) {
  const [isOpen, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) {
      return undefined;
    }
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !ref.current?.contains(event.target as Node)) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    ref.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [isOpen]);
  return (
    <div className="menu" ref={ref}>
      <Button {...(icon ? { icon } : {})} aria-haspopup="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {title}
      </Button>
      {isOpen && (
        <div className="menu-list" role="menu" aria-label={title}>
          {items.map((item) => (
            <button
              key={item.title}
              type="button"
              role="menuitem"
              disabled={item.isDisabled}
              onClick={() => {
                setOpen(false);
                item.onSelect();
              }}
            >
              {item.title}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
