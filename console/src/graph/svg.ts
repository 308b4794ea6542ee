/** The graph as a picture of its own: SVG without styles from outside, and PNG made from it. */
import type { Layout, PlacedNode, Point } from './layout';
import { transitionKey, type GraphMarks } from './marks';
import { arrowPath, roundedPath } from './path';
import { iconPath } from '@/parts/Icon';
import { visitTone } from '@/parts/Status';
import { kindIcons } from './looks';

const margin = 24;

const colours: Record<string, string> = {};

/** The page's colours as they are now, light or dark. */
function colour(name: string): string {
  return (colours[name] ??= getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#888888');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function cut(text: string, width: number, letter: number): string {
  const most = Math.max(Math.floor(width / letter), 3);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function absolute(layout: Layout): Map<string, Point> {
  const places = new Map<string, Point>();
  for (const placed of layout.nodes) {
    const parent = placed.node.parent === undefined ? undefined : places.get(placed.node.parent);
    places.set(placed.node.id, { x: placed.x + (parent?.x ?? 0), y: placed.y + (parent?.y ?? 0) });
  }
  return places;
}

function nodeSvg(placed: PlacedNode, at: Point, marks: GraphMarks | undefined): string {
  const { node, width, height } = placed;
  const mark = marks?.nodes.get(node.id);
  const tone = mark ? visitTone(mark.status) : undefined;
  const stroke = tone ? colour(tone) : colour('line-strong');
  const ink = tone ? stroke : colour('ink-soft');
  if (node.kind === 'Start' || node.kind === 'End') {
    return `<g transform="translate(${at.x} ${at.y})"><rect width="${width}" height="${height}" rx="13" fill="${tone ? stroke : colour('ink-faint')}"/><text x="${width / 2}" y="17" text-anchor="middle" font-size="11" font-weight="600" fill="${colour('ground')}">${node.name}</text></g>`;
  }
  const icon = `<path transform="translate(16 ${node.isContainer ? 14 : height / 2 - 8}) scale(0.95)" d="${iconPath(kindIcons[node.kind])}" fill="none" stroke="${ink}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>`;
  const name = `<text x="44" y="${node.isContainer ? 26 : height / 2 - 3}" font-size="13" font-weight="600" fill="${colour('ink')}">${escape(cut(node.name, width - 56, 7.2))}</text>`;
  if (node.isContainer) {
    return `<g transform="translate(${at.x} ${at.y})"><rect width="${width}" height="${height}" rx="12" fill="${tone ? colour(`${tone}-soft`) : colour('surface')}" fill-opacity="0.6" stroke="${stroke}" stroke-dasharray="4 3"/>${icon}${name}</g>`;
  }
  const detail = `<text x="44" y="${height / 2 + 14}" font-size="11.5" fill="${colour('ink-faint')}">${escape(cut(node.detail ?? node.kind, width - 56, 6))}</text>`;
  return `<g transform="translate(${at.x} ${at.y})"><rect width="${width}" height="${height}" rx="9" fill="${tone ? colour(`${tone}-soft`) : colour('raised')}" stroke="${stroke}"/>${icon}${name}${detail}</g>`;
}

function edgesSvg(layout: Layout, marks: GraphMarks | undefined): string {
  return layout.edges
    .map(({ edge, points, label }) => {
      const isTaken = marks?.taken.has(transitionKey(edge.source, edge.target, edge.kind === 'catch'));
      const stroke = edge.kind === 'catch' ? colour('caught') : isTaken ? colour('succeeded') : colour('line-strong');
      const dash = edge.kind === 'catch' ? ' stroke-dasharray="5 4"' : '';
      const words = label
        ? `<text x="${label.x + label.width / 2}" y="${label.y + 12}" text-anchor="middle" font-size="11" fill="${colour('ink-soft')}">${escape(cut(edge.label ?? '', label.width, 5.8))}</text>`
        : '';
      return `<path d="${roundedPath(points)}" fill="none" stroke="${stroke}" stroke-width="1.5"${dash}/><path d="${arrowPath(points)}" fill="${stroke}"/>${words}`;
    })
    .join('');
}

export function graphSvg(layout: Layout, marks: GraphMarks | undefined): string {
  Object.keys(colours).forEach((name) => delete colours[name]);
  const places = absolute(layout);
  const width = layout.width + 2 * margin;
  const height = layout.height + 2 * margin;
  const nodes = layout.nodes.map((placed) => nodeSvg(placed, places.get(placed.node.id) ?? { x: 0, y: 0 }, marks)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-margin} ${-margin} ${width} ${height}" font-family="system-ui, sans-serif"><rect x="${-margin}" y="${-margin}" width="${width}" height="${height}" fill="${colour('ground')}"/>${nodes}${edgesSvg(layout, marks)}</svg>`;
}

const pngSideMax = 12_000;

export async function graphPng(svg: string): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(2, pngSideMax / Math.max(image.width, image.height));
    const canvas = document.createElement('canvas');
    canvas.width = image.width * scale;
    canvas.height = image.height * scale;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made'))), 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}
