/** A state machine in other forms: YAML, CloudFormation, Terraform. */
import { stringify } from 'yaml';

import { parseJson } from '@/api/json';
import type { Machine } from '@/api/types';

type Exported = Pick<Machine, 'name' | 'type' | 'definition' | 'roleArn' | 'loggingConfiguration' | 'tracingConfiguration'>;

export interface ExportForm {
  title: string;
  extension: string;
  write: (machine: Exported) => string;
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 110 });
}

/** A name that CloudFormation and Terraform take. */
function identifier(name: string): string {
  const letters = name.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  return /^[A-Za-z]/.test(letters) ? letters : `machine_${letters}`;
}

function logicalId(name: string): string {
  return identifier(name).split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

function hclString(text: string): string {
  return JSON.stringify(text).replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{');
}

/**
 * The very text. A heredoc ends at its marker, takes ${ and %{ for templates, knows no CR, and ends with a
 * line's end, which is cut off where the text has none.
 */
function hclText(text: string): string {
  if (text.includes('\r')) {
    return hclString(text);
  }
  const escaped = text.replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{');
  let marker = 'ASL';
  while (escaped.includes(marker)) {
    marker += '_';
  }
  return escaped.endsWith('\n') ? `<<${marker}\n${escaped}${marker}` : `chomp(<<${marker}\n${escaped}\n${marker}\n  )`;
}

/** What is as the service has it by itself is left out. */
function isLogging(machine: Exported): boolean {
  return (machine.loggingConfiguration?.level ?? 'OFF') !== 'OFF';
}

function logGroup(machine: Exported): string | undefined {
  return machine.loggingConfiguration?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
}

function cloudFormationSettings(machine: Exported): object {
  const group = logGroup(machine);
  return {
    ...(isLogging(machine) && {
      LoggingConfiguration: {
        Level: machine.loggingConfiguration?.level,
        IncludeExecutionData: machine.loggingConfiguration?.includeExecutionData ?? false,
        ...(group && { Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: group } }] }),
      },
    }),
    ...(machine.tracingConfiguration?.enabled && { TracingConfiguration: { Enabled: true } }),
  };
}

function terraformSettings(machine: Exported): string[] {
  const lines: string[] = [];
  const group = logGroup(machine);
  if (isLogging(machine)) {
    lines.push(
      '',
      '  logging_configuration {',
      `    level                  = ${hclString(machine.loggingConfiguration?.level ?? '')}`,
      `    include_execution_data = ${machine.loggingConfiguration?.includeExecutionData ?? false}`,
      ...(group ? [`    log_destination        = ${hclString(group)}`] : []),
      '  }',
    );
  }
  if (machine.tracingConfiguration?.enabled) {
    lines.push('', '  tracing_configuration {', '    enabled = true', '  }');
  }
  return lines;
}

export const exportForms: readonly ExportForm[] = [
  { title: 'ASL (JSON)', extension: 'asl.json', write: (machine) => `${machine.definition}\n` },
  { title: 'ASL (YAML)', extension: 'asl.yaml', write: (machine) => yaml(parseJson(machine.definition) ?? {}) },
  {
    title: 'CloudFormation',
    extension: 'cloudformation.yaml',
    write: (machine) =>
      yaml({
        AWSTemplateFormatVersion: '2010-09-09',
        Resources: {
          [logicalId(machine.name)]: {
            Type: 'AWS::StepFunctions::StateMachine',
            Properties: {
              StateMachineName: machine.name,
              StateMachineType: machine.type,
              RoleArn: machine.roleArn,
              Definition: parseJson(machine.definition) ?? {},
              ...cloudFormationSettings(machine),
            },
          },
        },
      }),
  },
  {
    title: 'Terraform',
    extension: 'tf',
    write: (machine) =>
      [
        `resource "aws_sfn_state_machine" "${identifier(machine.name)}" {`,
        `  name     = ${hclString(machine.name)}`,
        `  type     = ${hclString(machine.type)}`,
        `  role_arn = ${hclString(machine.roleArn)}`,
        '',
        `  definition = ${hclText(machine.definition)}`,
        ...terraformSettings(machine),
        '}',
        '',
      ].join('\n'),
  },
];
