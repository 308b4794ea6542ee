import type { Input, OperationName, Output } from './operations';
import { sendRequest } from './request';
import type { Page } from './types';

/** Calls an operation of the Step Functions API. Throws ApiError. */
export async function call<N extends OperationName>(name: N, input: Input<N>, signal?: AbortSignal): Promise<Output<N>> {
  const answer = await sendRequest({
    method: 'POST',
    path: '/',
    target: `AWSStepFunctions.${name}`,
    body: JSON.stringify(input),
    ...(signal ? { signal } : {}),
  });
  return (await answer.json()) as Output<N>;
}

/** All pages of a list, up to `most` rows. */
export async function collect<N extends OperationName, R>(
  name: N,
  input: Input<N>,
  rows: (output: Output<N>) => R[],
  most = 1000,
  signal?: AbortSignal,
): Promise<R[]> {
  const all: R[] = [];
  let token: string | undefined;
  do {
    const page: Output<N> = await call(name, token ? { ...input, nextToken: token } : input, signal);
    all.push(...rows(page));
    token = (page as Page).nextToken;
  } while (token && all.length < most);
  return all;
}
