import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { machineArnOf, machineNameOf, qualifierOf } from '@/api/arn';
import { call } from '@/api/aws';
import { refresh, useAliases, useMachine, useTags, useVersions } from '@/api/queries';
import type { Machine } from '@/api/types';
import { exportForms } from '@/asl/export';
import { Button } from '@/parts/Button';
import { Dialog } from '@/parts/Dialog';
import { Icon } from '@/parts/Icon';
import { Loading } from '@/parts/Loading';
import { Menu } from '@/parts/Menu';
import { Failure } from '@/parts/Notice';
import { Tabs } from '@/parts/Tabs';
import { dateText } from '@/parts/time';
import { saveText } from '@/parts/save';
import { tell, tellError } from '@/parts/toast';
import { AliasesTab } from './AliasesTab';
import { DefinitionTab } from './DefinitionTab';
import { ExecutionsTable } from './ExecutionsTable';
import { StartDialog } from './StartDialog';
import { TagsTab } from './TagsTab';
import { VersionsTab } from './VersionsTab';

const tabs = ['executions', 'definition', 'versions', 'aliases', 'tags'] as const;
type Tab = (typeof tabs)[number];

function DeleteDialog({ machine, onClose }: { machine: Machine; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = async (): Promise<void> => {
    try {
      await call('DeleteStateMachine', { stateMachineArn: machine.stateMachineArn });
      await refresh('machines');
      tell(`Deleting ${machine.name}`);
      await navigate({ to: '/' });
    } catch (error) {
      tellError(error);
      onClose();
    }
  };
  return (
    <Dialog
      title={`Delete ${machine.name}?`}
      onClose={onClose}
      onSubmit={() => void remove()}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button look="danger" type="submit">
            Delete
          </Button>
        </>
      }
    >
      <p>Its versions and aliases go with it, once its running executions have ended. This cannot be undone.</p>
    </Dialog>
  );
}

function Head({ machine, onStart }: { machine: Machine; onStart: () => void }) {
  const [isDeleting, setDeleting] = useState(false);
  const arn = machineArnOf(machine.stateMachineArn);
  const qualifier = qualifierOf(machine.stateMachineArn);
  const name = machineNameOf(machine.stateMachineArn);
  return (
    <div className="page-head">
      <div className="page-title">
        <div className="crumbs">
          <Link to="/">State machines</Link> /
          {qualifier !== undefined && (
            <>
              <Link to="/machines/$arn" params={{ arn }} className="cut">
                {name}
              </Link>
              /
            </>
          )}
        </div>
        <h1>
          {name}
          {qualifier !== undefined && <span className="faint"> : {qualifier}</span>}
        </h1>
      </div>
      <div className="page-actions">
        <Menu title="Export" icon="download" items={exportForms.map((form) => ({ title: form.title, onSelect: () => saveText(`${name}.${form.extension}`, form.write({ ...machine, name })) }))} />
        {qualifier === undefined && <Button look="danger" icon="trash" aria-label="Delete the state machine" onClick={() => setDeleting(true)} />}
        {qualifier === undefined && (
          <Link className="button" to="/machines/$arn/edit" params={{ arn }}>
            <Icon name="edit" /> Edit
          </Link>
        )}
        <Button look="primary" icon="play" onClick={onStart}>
          Start execution
        </Button>
      </div>
      {isDeleting && <DeleteDialog machine={machine} onClose={() => setDeleting(false)} />}
    </div>
  );
}

function Facts({ machine }: { machine: Machine }) {
  const facts: [string, string | undefined][] = [
    ['Type', machine.type === 'EXPRESS' ? 'Express' : 'Standard'],
    ['Status', machine.status === 'DELETING' ? 'Deleting' : 'Active'],
    ['Created', dateText(machine.creationDate)],
    ['Role', machine.roleArn],
    ['Logging', machine.loggingConfiguration?.level],
    ['ARN', machine.stateMachineArn],
  ];
  return (
    <dl className="facts">
      {facts.map(
        ([title, value]) =>
          value && (
            <div key={title}>
              <dt>{title}</dt>
              <dd className={title === 'ARN' || title === 'Role' ? 'mono' : ''}>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** It is not there, or cannot be seen: a way on. */
function Missing({ error }: { error: unknown }) {
  return (
    <>
      <Failure error={error} />
      <Link className="link" to="/">
        All state machines →
      </Link>
    </>
  );
}

export function MachinePage() {
  const { arn } = useParams({ from: '/machines/$arn' });
  const search = useSearch({ from: '/machines/$arn' });
  const navigate = useNavigate();
  const machine = useMachine(arn);
  const base = machineArnOf(arn);
  const versions = useVersions(base);
  const aliases = useAliases(base);
  const tags = useTags(base);
  const isExpress = machine.data?.type === 'EXPRESS';
  const active: Tab = tabs.find((tab) => tab === search.tab) ?? (isExpress ? 'definition' : 'executions');
  const go = (next: { tab?: string; start?: string }): void => void navigate({ to: '/machines/$arn', params: { arn }, search: next, replace: true });
  if (!machine.data) {
    return <div className="page">{machine.error ? <Missing error={machine.error} /> : <Loading what="the state machine" />}</div>;
  }
  return (
    <div className="page">
      <Head machine={machine.data} onStart={() => go({ tab: active, start: 'yes' })} />
      <Facts machine={machine.data} />
      <Tabs
        label="Of this state machine"
        active={active}
        onChange={(tab) => go({ tab })}
        items={[
          { key: 'executions', title: 'Executions' },
          { key: 'definition', title: 'Definition' },
          { key: 'versions', title: 'Versions', tally: versions.data?.length },
          { key: 'aliases', title: 'Aliases', tally: aliases.data?.length },
          { key: 'tags', title: 'Tags', tally: tags.data?.length },
        ]}
      />
      {active === 'executions' && <ExecutionsTable machine={arn} isExpress={isExpress} onStart={() => go({ tab: active, start: 'yes' })} />}
      {active === 'definition' && <DefinitionTab definition={machine.data.definition} />}
      {active === 'versions' && <VersionsTab arn={base} current={machine.data.definition} />}
      {active === 'aliases' && <AliasesTab arn={base} />}
      {active === 'tags' && <TagsTab arn={base} />}
      {search.start && <StartDialog machine={machine.data} onClose={() => go({ tab: active })} />}
    </div>
  );
}
