/** The inputs that executions were started with from this browser, by state machine. */
const kept = 5;
const bytesMax = 32_768;

function key(arn: string): string {
  return `gait.inputs.${arn}`;
}

export function lastInputs(machineArn: string): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key(machineArn)) ?? '[]');
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberInput(machineArn: string, input: string): void {
  if (input.length > bytesMax) {
    return;
  }
  const others = lastInputs(machineArn).filter((one) => one !== input);
  try {
    localStorage.setItem(key(machineArn), JSON.stringify([input, ...others].slice(0, kept)));
  } catch {
    // Storage may be full or denied: nothing is remembered then.
  }
}
