import type { Tone } from '@/parts/Status';

export interface Series<P> {
  title: string;
  tone: Tone;
  value: (point: P) => number;
}

interface ChartProps<P> {
  title: string;
  hint: string;
  points: P[];
  series: Series<P>[];
  isStacked?: boolean;
  format?: (value: number) => string;
}

const width = 1000;
const height = 150;
const plain = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 1 });

/** A round number at or above the largest value. */
function ceiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value) ?? value;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

/** Bars, one group for each point of time. */
export function Chart<P extends { time: number }>({ title, hint, points, series, isStacked, format = plain }: ChartProps<P>) {
  const totals = points.map((point) => (isStacked ? series.reduce((sum, one) => sum + one.value(point), 0) : Math.max(...series.map((one) => one.value(point)))));
  const top = ceiling(Math.max(...totals, 1));
  const slot = width / Math.max(points.length, 1);
  const bar = Math.max(slot * 0.72, 1);
  const times = [0, Math.floor(points.length / 2), points.length - 1].map((index) => points[index]?.time ?? 0);
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>
          {title} <span className="faint chart-hint">{hint}</span>
        </h2>
        <span className="counts">
          {series.map((one) => (
            <span key={one.title} className={`count tone-${one.tone}`}>
              <span className="dot is-still" /> {one.title}
            </span>
          ))}
        </span>
      </div>
      <div className="chart">
        {totals.every((total) => total === 0) && <span className="chart-none faint">Nothing in this time</span>}
        <div className="chart-scale faint nums" aria-hidden="true">
          <span>{format(top)}</span>
          <span>{format(top / 2)}</span>
          <span>0</span>
        </div>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`${title}: at most ${format(Math.max(...totals, 0))}, now ${format(totals.at(-1) ?? 0)}`}>
          {[0.5, height / 2, height - 0.5].map((y) => (
            <line key={y} x1="0" x2={width} y1={y} y2={y} className="chart-line" />
          ))}
          {points.map((point, index) => {
            let base = height;
            return series.map((one, place) => {
              const value = one.value(point);
              const tall = (value / top) * height;
              const own = isStacked ? bar : bar / series.length;
              const x = index * slot + (slot - bar) / 2 + (isStacked ? 0 : place * own);
              const y = (isStacked ? base : height) - tall;
              base -= isStacked ? tall : 0;
              return (
                value > 0 && (
                  <rect key={`${index}.${place}`} className={`chart-bar tone-${one.tone}`} x={x} y={y} width={own} height={tall}>
                    <title>{`${clock(point.time)} · ${one.title}: ${format(value)}`}</title>
                  </rect>
                )
              );
            });
          })}
        </svg>
      </div>
      <div className="chart-times faint nums" aria-hidden="true">
        {times.map((time, index) => (
          <span key={index}>{clock(time)}</span>
        ))}
      </div>
    </section>
  );
}
