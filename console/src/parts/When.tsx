import { useNow } from './clock';
import { agoText, dateText } from './time';

/** How long ago, with the full time on hover. */
export function When({ at }: { at: number | undefined }) {
  const now = useNow(10_000);
  if (at === undefined) {
    return <span className="faint">–</span>;
  }
  return (
    <time className="nums" dateTime={new Date(at * 1000).toISOString()} title={dateText(at)}>
      {agoText(at, now)}
    </time>
  );
}
