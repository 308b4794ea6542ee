/** Line icons of 16 by 16, drawn for the console. */
const paths = {
  machines: 'M3 3h4v4H3zM9 9h4v4H9zM5 7v2.5A1.5 1.5 0 0 0 6.5 11H9',
  executions: 'M2.5 4h7M2.5 8h11M2.5 12h5M11.5 2.8v2.4M9 10.8v2.4',
  activities: 'M8 2v3M8 11v3M2 8h3M11 8h3M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  metrics: 'M2.5 13.5v-11M2.5 13.5h11M5 11V8M8 11V5M11 11V6.5',
  playground: 'M6 3 2.5 8 6 13M10 3l3.5 5-3.5 5',
  flask: 'M6.5 2v4L3 12.2c-.4.8.1 1.8 1 1.8h8c.9 0 1.4-1 1-1.8L9.5 6V2M5.5 2h5M5 10h6',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3 13.5 13.5',
  plus: 'M8 3v10M3 8h10',
  play: 'M5 3.2v9.6l7.5-4.8z',
  stop: 'M4 4h8v8H4z',
  redo: 'M12.8 6.5A5 5 0 1 0 13 9M13 3v3.5H9.5',
  undoArrow: 'M4 6h5.5a3.5 3.5 0 0 1 0 7H6M6.5 3 3.5 6l3 3',
  redoArrow: 'M12 6H6.5a3.5 3.5 0 0 0 0 7H10M9.5 3l3 3-3 3',
  edit: 'M3 13l.7-3L11 2.7 13.3 5 6 12.3zM9.5 4.2l2.3 2.3',
  trash: 'M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5',
  download: 'M8 2.5v7.5M5 7.2 8 10.2l3-3M3 13h10',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  sun: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3',
  clock: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M8 5v3.2l2.2 1.3',
  branch: 'M8 2v3M8 5 4 8.5V13M8 5l4 3.5V13',
  diamond: 'M8 2.2 13.8 8 8 13.8 2.2 8z',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.2M2.5 8h.2M2.5 12h.2',
  map: 'M2.5 5h8v8h-8zM5.5 5V2.5h8v8h-3',
  pass: 'M2.5 8h11M9.5 4l4 4-4 4',
  bolt: 'M9 2 3.5 9H8l-1 5 5.5-7H8z',
  flag: 'M4 14V2.5h8.5L10.5 6l2 3.5H4',
  key: 'M10.5 2.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8.2 7.8 2.5 13.5M4.5 11.5l1.5 1.5',
  exit: 'M6 3H3v10h3M7 8h6.5M10.5 5l3 3-3 3',
  more: 'M3.5 8h.2M8 8h.2M12.5 8h.2',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

export function iconPath(name: IconName): string {
  return paths[name];
}
