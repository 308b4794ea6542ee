import type { ReactNode } from 'react';

import type { Tone } from './Status';

export function Notice({ tone, title, children }: { tone: Tone; title: string; children?: ReactNode }) {
  return (
    <div className={`notice tone-${tone}`} role={tone === 'failed' ? 'alert' : 'status'}>
      <div className="grow">
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}

/** An error of a request, in the server's words. */
export function Failure({ error }: { error: unknown }) {
  if (!error) {
    return null;
  }
  const told = error instanceof Error ? error : new Error(String(error));
  return (
    <Notice tone="failed" title={told.name === 'Error' ? 'That did not work' : told.name}>
      <div>{told.message}</div>
    </Notice>
  );
}
