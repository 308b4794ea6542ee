import { useMemo } from 'react';

import { prettyJson } from '@/api/json';
import { Button } from './Button';
import { saveText } from './save';
import { tell } from './toast';

const shownMax = 100_000;

/** JSON laid out, with colours; very long text is cut, and can be saved whole. */
export function JsonView({ text, name }: { text: string | undefined; name: string }) {
  const pretty = useMemo(() => (text === undefined ? undefined : prettyJson(text)), [text]);
  if (text === undefined || pretty === undefined) {
    return <p className="faint">Nothing is recorded here.</p>;
  }
  const shown = pretty.slice(0, shownMax);
  return (
    <div className="json-view">
      <div className="json-tools">
        <Button look="quiet" isSmall icon="copy" aria-label={`Copy ${name}`} onClick={() => void navigator.clipboard?.writeText(pretty).then(() => tell('Copied'))} />
        <Button look="quiet" isSmall icon="download" aria-label={`Save ${name}`} onClick={() => saveText(`${name.replace(/\W+/g, '-')}.json`, pretty)} />
      </div>
      <pre className="code wrap" tabIndex={0} aria-label={name}>
        {tokens(shown).map((token, index) => (token.kind ? <span key={index} className={`j-${token.kind}`}>{token.text}</span> : token.text))}
        {pretty.length > shownMax && <span className="faint">{`\n… ${(pretty.length - shownMax).toLocaleString('en')} characters more: save the file to see them`}</span>}
      </pre>
    </div>
  );
}

interface Token {
  text: string;
  kind?: 'key' | 'string' | 'number' | 'word';
}

const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
const colouredMax = 40_000; // each token is an element

function tokens(text: string): Token[] {
  if (text.length > colouredMax) {
    return [{ text }];
  }
  const found: Token[] = [];
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > last) {
      found.push({ text: text.slice(last, match.index) });
    }
    const [all, string, colon, number] = match;
    found.push({ text: string ?? all, kind: string ? (colon ? 'key' : 'string') : number ? 'number' : 'word' });
    if (colon) {
      found.push({ text: colon });
    }
    last = match.index + all.length;
  }
  found.push({ text: text.slice(last) });
  return found;
}
