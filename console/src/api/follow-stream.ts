/**
 * Reads an event stream while the page is in view. A stream holds a connection, of which a browser grants six to one
 * server over HTTP/1.1, whatever the number of tabs: those that nobody looks at give theirs back.
 */
import { askEvents } from './console';
import { readEventStream, type StreamMessage } from './event-stream';

export interface StreamOf {
  execution?: string;
  machine?: string;
  after?: number;
}

export function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (document.visibilityState === 'visible' || signal.aborted) {
        document.removeEventListener('visibilitychange', check);
        resolve();
      }
    };
    document.addEventListener('visibilitychange', check);
    signal.addEventListener('abort', check);
    check();
  });
}

/** Until the stream ends or nobody looks; false where the server has none. What happens after `onOpen` is told. */
export async function followStream(of: StreamOf, signal: AbortSignal, onMessage: (message: StreamMessage) => void | Promise<void>, onOpen?: () => void): Promise<boolean> {
  const hidden = new AbortController();
  const onVisibility = (): void => {
    if (document.visibilityState === 'hidden') {
      hidden.abort();
    }
  };
  document.addEventListener('visibilitychange', onVisibility);
  try {
    const stream = await askEvents(of, AbortSignal.any([signal, hidden.signal]));
    if (!stream) {
      return false;
    }
    onOpen?.();
    for await (const message of readEventStream(stream)) {
      await onMessage(message);
    }
  } catch (error) {
    if (!hidden.signal.aborted) {
      throw error;
    }
  } finally {
    document.removeEventListener('visibilitychange', onVisibility);
  }
  return true;
}
