import type * as T from './types';

/** The API's operations that the console calls: [input, output] of each. */
export interface Operations {
  ListStateMachines: [{ maxResults?: number; nextToken?: string }, { stateMachines: T.MachineSummary[] } & T.Page];
  DescribeStateMachine: [{ stateMachineArn: string }, T.Machine];
  DescribeStateMachineForExecution: [{ executionArn: string }, Omit<T.Machine, 'creationDate' | 'type'> & { mapRunArn?: string }];
  CreateStateMachine: [
    { name: string; definition: string; roleArn: string; type: T.MachineType; tags?: T.Tag[]; loggingConfiguration?: T.LoggingConfiguration },
    { stateMachineArn: string; creationDate: number },
  ];
  UpdateStateMachine: [
    { stateMachineArn: string; definition?: string; roleArn?: string; publish?: boolean; versionDescription?: string },
    { updateDate: number; revisionId?: string; stateMachineVersionArn?: string },
  ];
  DeleteStateMachine: [{ stateMachineArn: string }, Record<string, never>];
  ValidateStateMachineDefinition: [
    { definition: string; type?: T.MachineType; severity?: 'ERROR' | 'WARNING'; maxResults?: number },
    { result: 'OK' | 'FAIL'; diagnostics: T.Diagnostic[]; truncated?: boolean },
  ];
  ListStateMachineVersions: [{ stateMachineArn: string; maxResults?: number; nextToken?: string }, { stateMachineVersions: T.VersionSummary[] } & T.Page];
  PublishStateMachineVersion: [{ stateMachineArn: string; revisionId?: string; description?: string }, { stateMachineVersionArn: string; creationDate: number }];
  DeleteStateMachineVersion: [{ stateMachineVersionArn: string }, Record<string, never>];
  ListStateMachineAliases: [{ stateMachineArn: string; maxResults?: number; nextToken?: string }, { stateMachineAliases: T.AliasSummary[] } & T.Page];
  DescribeStateMachineAlias: [{ stateMachineAliasArn: string }, T.Alias];
  CreateStateMachineAlias: [{ name: string; description?: string; routingConfiguration: T.Route[] }, { stateMachineAliasArn: string }];
  UpdateStateMachineAlias: [{ stateMachineAliasArn: string; description?: string; routingConfiguration?: T.Route[] }, { updateDate: number }];
  DeleteStateMachineAlias: [{ stateMachineAliasArn: string }, Record<string, never>];
  ListTagsForResource: [{ resourceArn: string }, { tags: T.Tag[] }];
  TagResource: [{ resourceArn: string; tags: T.Tag[] }, Record<string, never>];
  UntagResource: [{ resourceArn: string; tagKeys: string[] }, Record<string, never>];
  ListExecutions: [
    { stateMachineArn?: string; mapRunArn?: string; statusFilter?: T.ExecutionStatus; maxResults?: number; nextToken?: string },
    { executions: T.ExecutionSummary[] } & T.Page,
  ];
  DescribeExecution: [{ executionArn: string }, T.Execution];
  GetExecutionHistory: [
    { executionArn: string; maxResults?: number; reverseOrder?: boolean; nextToken?: string; includeExecutionData?: boolean },
    { events: T.HistoryEvent[] } & T.Page,
  ];
  StartExecution: [{ stateMachineArn: string; name?: string; input?: string }, { executionArn: string; startDate: number }];
  StartSyncExecution: [
    { stateMachineArn: string; name?: string; input?: string },
    { executionArn: string; status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT'; output?: string; error?: string; cause?: string; startDate: number; stopDate: number; billingDetails?: { billedDurationInMilliseconds: number; billedMemoryUsedInMB: number } },
  ];
  StopExecution: [{ executionArn: string; error?: string; cause?: string }, { stopDate: number }];
  RedriveExecution: [{ executionArn: string }, { redriveDate: number }];
  TestState: [T.TestStateInput, T.TestStateOutput];
  ListActivities: [{ maxResults?: number; nextToken?: string }, { activities: T.ActivitySummary[] } & T.Page];
  DescribeActivity: [{ activityArn: string }, T.ActivitySummary];
  CreateActivity: [{ name: string }, { activityArn: string; creationDate: number }];
  DeleteActivity: [{ activityArn: string }, Record<string, never>];
  ListMapRuns: [{ executionArn: string; maxResults?: number; nextToken?: string }, { mapRuns: T.MapRunSummary[] } & T.Page];
  DescribeMapRun: [{ mapRunArn: string }, T.MapRun];
  UpdateMapRun: [{ mapRunArn: string; maxConcurrency?: number; toleratedFailurePercentage?: number; toleratedFailureCount?: number }, Record<string, never>];
}

export type OperationName = keyof Operations;
export type Input<N extends OperationName> = Operations[N][0];
export type Output<N extends OperationName> = Operations[N][1];
