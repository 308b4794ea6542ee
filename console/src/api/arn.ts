/** The last part of an ARN: what a person calls the thing. */
export function arnName(arn: string): string {
  return arn.split(':').pop() ?? arn;
}

/** The state machine's name, out of the ARN of a machine, a version, an alias or an execution. */
export function machineNameOf(arn: string): string {
  const name = arn.split(':')[6] ?? arn;
  return name.split('/')[0] ?? name;
}

/** The state machine's own ARN, out of that of a version, an alias, or a map run's (stateMachine:NAME/MAP:LABEL). */
export function machineArnOf(arn: string): string {
  return arn.split(':').slice(0, 7).join(':').split('/')[0] ?? arn;
}

/** An execution's name; behind that of an Express one stands an identifier that the server made up. */
export function executionNameOf(arn: string): string {
  return arn.split(':')[7] ?? arn;
}

/** The ARN of the state machine that an execution is of. */
export function machineArnOfExecution(arn: string): string {
  return [...arn.split(':').slice(0, 5), 'stateMachine', machineNameOf(arn)].join(':');
}

export function isExpressExecution(arn: string): boolean {
  return arn.split(':')[5] === 'express';
}

/** What stands behind a version's or an alias's ARN; absent for the machine itself. */
export function qualifierOf(arn: string): string | undefined {
  return arn.split(':')[7];
}
