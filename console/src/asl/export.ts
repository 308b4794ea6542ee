/** A state machine in other forms: YAML, CloudFormation, Terraform. */
import { stringify } from 'yaml';

import { parseJson } from '@/api/json';
import type { Machine } from '@/api/types';

export interface ExportForm {
  title: string;
  extension: string;
  write: (machine: Pick<Machine, 'name' | 'type' | 'definition' | 'roleArn'>) => string;
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

/** A heredoc ends at its marker and takes ${ and %{ for templates. */
function hclHeredoc(text: string): string {
  const escaped = text.replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{');
  let marker = 'ASL';
  while (escaped.includes(marker)) {
    marker += '_';
  }
  return `<<-${marker}\n${escaped}\n  ${marker}`;
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
        `  definition = ${hclHeredoc(machine.definition)}`,
        '}',
        '',
      ].join('\n'),
  },
];
