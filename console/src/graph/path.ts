/** Lines of the drawing, for the page and for the exported picture alike. */
import type { Point } from './layout';

const cornerRadius = 8;

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const part = Math.min(distance / length, 0.5);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function at(point: Point): string {
  return `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
}

/** A line through the points with rounded corners. */
export function roundedPath(points: Point[]): string {
  const [first, ...rest] = points;
  if (!first) {
    return '';
  }
  const parts = [`M${at(first)}`];
  rest.forEach((point, index) => {
    const before = points[index] ?? first;
    const after = points[index + 2];
    parts.push(after ? `L${at(towards(point, before, cornerRadius))}Q${at(point)} ${at(towards(point, after, cornerRadius))}` : `L${at(point)}`);
  });
  return parts.join('');
}

/** The head of an arrow at the last point. */
export function arrowPath(points: Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (!tip || !before) {
    return '';
  }
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const x = (tip.x - before.x) / length;
  const y = (tip.y - before.y) / length;
  const back = { x: tip.x - x * 7, y: tip.y - y * 7 };
  return `M${at(tip)}L${at({ x: back.x - y * 4, y: back.y + x * 4 })}L${at({ x: back.x + y * 4, y: back.y - x * 4 })}Z`;
}
