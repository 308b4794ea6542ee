/** One signed request to the server's own origin. */
import { encodeQuery, signRequest, type Credentials } from './sign';
import { getCredentials, getSession, setCredentials } from './session';

/** A refusal of the server: AWS's error name and its message. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = code;
  }
}

export interface RequestOptions {
  method: 'GET' | 'POST';
  path: string;
  target: string; // X-Amz-Target
  query?: [string, string][];
  body?: string;
  signal?: AbortSignal;
  /** In place of who is signed in. */
  as?: Credentials;
}

/** Errors after which another access key has to be asked for. */
const keyErrors = new Set(['UnrecognizedClientException', 'InvalidSignatureException', 'MissingAuthenticationTokenException']);

async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  let code = `HTTP ${answer.status}`;
  let message = text || answer.statusText;
  try {
    const told = JSON.parse(text) as { __type?: string; message?: string };
    code = told.__type?.split('#').pop() ?? code;
    message = told.message ?? message;
  } catch {
    // Not the API's own answer: a proxy's page, perhaps.
  }
  return new ApiError(answer.status, code, message);
}

export async function sendRequest(options: RequestOptions): Promise<Response> {
  const query = options.query ?? [];
  const body = options.body ?? '';
  let headers: Record<string, string> = { 'x-amz-target': options.target };
  if (options.method === 'POST') {
    headers['content-type'] = 'application/x-amz-json-1.0';
  }
  const by = options.as ?? getCredentials();
  if (by) {
    const { host: _, ...signed } = signRequest(
      { method: options.method, path: options.path, query, headers: { ...headers, host: location.host }, body },
      by,
      getSession().region,
      new Date(),
    );
    headers = signed;
  }
  const search = query.length ? `?${encodeQuery(query)}` : '';
  const answer = await fetch(options.path + search, {
    method: options.method,
    headers,
    ...(options.method === 'POST' ? { body } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!answer.ok) {
    const error = await refusal(answer);
    if (by && !options.as && keyErrors.has(error.code)) {
      setCredentials(undefined);
    }
    throw error;
  }
  return answer;
}
