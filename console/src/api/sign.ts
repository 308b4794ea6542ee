/**
 * AWS Signature Version 4, in the page: the server needs no second way of knowing who calls, and a
 * request of the console is judged as any other.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface RequestToSign {
  method: string;
  path: string;
  query: [string, string][];
  headers: Record<string, string>; // lower-case names; host among them
  body: string;
}

const service = 'states';

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

function mac(key: Uint8Array, text: string): Uint8Array {
  return hmac(sha256, key, utf8ToBytes(text));
}

/** RFC 3986: encodeURIComponent leaves !'()* alone. */
export function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function encodeQuery(query: [string, string][]): string {
  return query
    .map(([name, value]): [string, string] => [encodePart(name), encodePart(value)])
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** The headers to send: those given, and the date, the token and the signature. */
export function signRequest(request: RequestToSign, by: Credentials, region: string, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = { ...request.headers, 'x-amz-date': time };
  if (by.sessionToken) {
    headers['x-amz-security-token'] = by.sessionToken;
  }
  const names = Object.keys(headers).sort();
  const canonical = [
    request.method,
    request.path.split('/').map(encodePart).join('/'),
    encodeQuery(request.query),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`),
    '',
    names.join(';'),
    hash(request.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce(mac, utf8ToBytes(`AWS4${by.secretAccessKey}`));
  const signature = bytesToHex(mac(key, toSign));
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${by.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
}
