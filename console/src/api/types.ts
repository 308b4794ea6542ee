/** What the Step Functions API takes and gives, as far as the console uses it. Times are seconds. */

export type MachineType = 'STANDARD' | 'EXPRESS';
export type MachineStatus = 'ACTIVE' | 'DELETING';

export const executionStatuses = [
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'ABORTED',
  'PENDING_REDRIVE',
] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];
export type StatusCounts = Partial<Record<ExecutionStatus, number>>;

export interface Page {
  nextToken?: string;
}

export interface MachineSummary {
  stateMachineArn: string;
  name: string;
  type: MachineType;
  creationDate: number;
}

export interface LoggingConfiguration {
  level?: 'ALL' | 'ERROR' | 'FATAL' | 'OFF';
  includeExecutionData?: boolean;
  destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[];
}

export interface Machine extends MachineSummary {
  status?: MachineStatus;
  definition: string;
  roleArn: string;
  label?: string;
  revisionId?: string;
  description?: string;
  loggingConfiguration?: LoggingConfiguration;
  tracingConfiguration?: { enabled?: boolean };
}

export interface VersionSummary {
  stateMachineVersionArn: string;
  creationDate: number;
}

export interface AliasSummary {
  stateMachineAliasArn: string;
  creationDate: number;
}

export interface Route {
  stateMachineVersionArn: string;
  weight: number;
}

export interface Alias extends AliasSummary {
  name: string;
  description?: string;
  routingConfiguration: Route[];
  updateDate?: number;
}

export interface Tag {
  key: string;
  value: string;
}

export interface ExecutionSummary {
  executionArn: string;
  stateMachineArn: string;
  name: string;
  status: ExecutionStatus;
  startDate: number;
  stopDate?: number;
  mapRunArn?: string;
  itemCount?: number;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  redriveCount?: number;
  redriveDate?: number;
}

export interface Execution extends ExecutionSummary {
  input?: string;
  output?: string;
  error?: string;
  cause?: string;
  redriveStatus?: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN';
  redriveStatusReason?: string;
  traceHeader?: string;
}

/** The members that the details of the many kinds of events have; each kind has some of them. */
export interface EventDetails {
  input?: string;
  output?: string;
  name?: string;
  error?: string;
  cause?: string;
  resource?: string;
  resourceType?: string;
  region?: string;
  parameters?: string;
  timeoutInSeconds?: number;
  heartbeatInSeconds?: number;
  index?: number;
  length?: number;
  mapRunArn?: string;
  redriveCount?: number;
  roleArn?: string;
  workerName?: string;
  location?: string;
  state?: string;
  stateMachineVersionArn?: string;
  stateMachineAliasArn?: string;
  assignedVariables?: Record<string, string>;
}

export interface HistoryEvent {
  id: number;
  previousEventId?: number;
  timestamp: number;
  type: string;
  [details: `${string}EventDetails`]: EventDetails | undefined;
}

export interface Diagnostic {
  severity: 'ERROR' | 'WARNING';
  code: string;
  message: string;
  location?: string;
}

export interface InspectionData {
  input?: string;
  afterInputPath?: string;
  afterParameters?: string;
  afterArguments?: string;
  afterItemsPath?: string;
  afterItemSelector?: string;
  afterItemBatcher?: string;
  afterItemsPointer?: string;
  result?: string;
  afterResultSelector?: string;
  afterResultPath?: string;
  variables?: string;
  errorDetails?: { catchIndex?: number; retryIndex?: number; retryBackoffIntervalSeconds?: number };
  toleratedFailureCount?: number;
  toleratedFailurePercentage?: number;
  maxConcurrency?: number;
}

export interface TestStateInput {
  definition: string;
  roleArn?: string;
  input?: string;
  inspectionLevel?: 'INFO' | 'DEBUG' | 'TRACE';
  revealSecrets?: boolean;
  variables?: string;
  stateName?: string;
  context?: string;
  mock?: { result?: string; errorOutput?: { error?: string; cause?: string }; fieldValidationMode?: 'STRICT' | 'PRESENT' | 'NONE' };
  stateConfiguration?: { retrierRetryCount?: number; errorCausedByState?: string; mapIterationFailureCount?: number; mapItemReaderData?: string };
}

export interface TestStateOutput {
  status?: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  output?: string;
  error?: string;
  cause?: string;
  nextState?: string;
  inspectionData?: InspectionData;
}

export interface ActivitySummary {
  activityArn: string;
  name: string;
  creationDate: number;
}

export interface MapRunSummary {
  executionArn: string;
  mapRunArn: string;
  stateMachineArn: string;
  startDate: number;
  stopDate?: number;
}

export interface MapRunCounts {
  pending: number;
  running: number;
  succeeded: number;
  failed: number;
  timedOut: number;
  aborted: number;
  total: number;
  resultsWritten: number;
  failuresNotRedrivable?: number;
  pendingRedrive?: number;
}

export interface MapRun {
  mapRunArn: string;
  executionArn: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  startDate: number;
  stopDate?: number;
  maxConcurrency: number;
  toleratedFailurePercentage: number;
  toleratedFailureCount: number;
  itemCounts: MapRunCounts;
  executionCounts: MapRunCounts;
  redriveCount?: number;
}
