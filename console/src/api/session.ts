/** Who is signed in, and to which server. The key lives as long as the browser tab does. */
import { useSyncExternalStore } from 'react';

import type { Credentials } from './sign';

export interface Session {
  version: string;
  region: string;
  account: string;
  isLoginRequired: boolean;
  /** Which paths below /console/api/ this server has. */
  paths: string[];
}

const credentialsKey = 'gait.credentials';

let session: Session = { version: '', region: 'us-east-1', account: '123456789012', isLoginRequired: false, paths: [] };
let credentials: Credentials | undefined = readCredentials();
const listeners = new Set<() => void>();

function readCredentials(): Credentials | undefined {
  try {
    const text = sessionStorage.getItem(credentialsKey);
    return text ? (JSON.parse(text) as Credentials) : undefined;
  } catch {
    return undefined;
  }
}

function tell(): void {
  listeners.forEach((listener) => listener());
}

export async function loadSession(): Promise<void> {
  const answer = await fetch('/console/api/session');
  if (answer.ok) {
    session = (await answer.json()) as Session;
    tell();
  }
}

export function getSession(): Session {
  return session;
}

export function getCredentials(): Credentials | undefined {
  return credentials;
}

export function setCredentials(value: Credentials | undefined): void {
  credentials = value;
  try {
    if (value) {
      sessionStorage.setItem(credentialsKey, JSON.stringify(value));
    } else {
      sessionStorage.removeItem(credentialsKey);
    }
  } catch {
    // Without storage the key is forgotten when the page is loaded again.
  }
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, getSession);
}

export function useCredentials(): Credentials | undefined {
  return useSyncExternalStore(subscribe, getCredentials);
}
