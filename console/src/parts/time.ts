/** Times and durations for people. The API's times are seconds. */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) {
    return '–';
  }
  if (ms < 0.5) {
    return '0 ms';
  }
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  }
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

const dateAndTime = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export function dateText(seconds: number): string {
  return dateAndTime.format(seconds * 1000);
}

/** The time of day with milliseconds, as events need it. */
export function clockText(seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function agoText(seconds: number, nowMs: number): string {
  const past = nowMs - seconds * 1000;
  if (past < 5000) {
    return 'just now';
  }
  if (past < 60_000) {
    return `${Math.floor(past / 1000)} s ago`;
  }
  if (past < 3_600_000) {
    return `${Math.floor(past / 60_000)} min ago`;
  }
  return past < 86_400_000 ? `${Math.floor(past / 3_600_000)} h ago` : `${Math.floor(past / 86_400_000)} d ago`;
}
