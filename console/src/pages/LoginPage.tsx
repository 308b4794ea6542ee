import { useState } from 'react';

import { queryClient } from '@/api/queries';
import { ApiError, sendRequest } from '@/api/request';
import { setCredentials, useSession } from '@/api/session';
import { Button } from '@/parts/Button';
import { Failure } from '@/parts/Notice';

/** Asks for an access key. The secret signs requests in this page, and is never sent. */
export function LoginPage() {
  const session = useSession();
  const [accessKeyId, setAccessKeyId] = useState('');
  const [secretAccessKey, setSecret] = useState('');
  const [sessionToken, setToken] = useState('');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const signIn = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const given = { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim(), ...(sessionToken.trim() ? { sessionToken: sessionToken.trim() } : {}) };
    try {
      await sendRequest({ method: 'POST', path: '/', target: 'AWSStepFunctions.ListStateMachines', body: '{"maxResults":1}', as: given });
    } catch (refused) {
      // A key that may not list is a key all the same.
      if (!(refused instanceof ApiError && refused.code === 'AccessDeniedException')) {
        setError(refused);
        setBusy(false);
        return;
      }
    }
    queryClient.clear();
    setCredentials(given);
  };
  return (
    <main className="login">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <div className="stack">
          <h1>Sign in to Gait</h1>
          <p className="soft">With an access key of this server, in {session.region}. The secret stays in this tab: it signs requests and is never sent.</p>
        </div>
        <label className="field">
          <span>Access key ID</span>
          <input className="input mono" autoComplete="username" autoFocus required value={accessKeyId} onChange={(event) => setAccessKeyId(event.target.value)} />
        </label>
        <label className="field">
          <span>Secret access key</span>
          <input className="input mono" type="password" autoComplete="current-password" required value={secretAccessKey} onChange={(event) => setSecret(event.target.value)} />
        </label>
        <label className="field">
          <span>Session token (where the key has one)</span>
          <input className="input mono" type="password" autoComplete="off" value={sessionToken} onChange={(event) => setToken(event.target.value)} />
        </label>
        <Failure error={error} />
        <Button look="primary" type="submit" icon="key" disabled={isBusy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
