import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { qualifierOf } from '@/api/arn';
import { call } from '@/api/aws';
import { refresh, useAliases, useVersions } from '@/api/queries';
import type { Alias, Route } from '@/api/types';
import { Button } from '@/parts/Button';
import { Dialog } from '@/parts/Dialog';
import { Empty } from '@/parts/Empty';
import { Failure } from '@/parts/Notice';
import { tell, tellError } from '@/parts/toast';

function AliasDialog({ arn, alias, onClose }: { arn: string; alias?: Alias | undefined; onClose: () => void }) {
  const versions = useVersions(arn).data ?? [];
  const [name, setName] = useState(alias?.name ?? '');
  const [first, setFirst] = useState(alias?.routingConfiguration[0]?.stateMachineVersionArn ?? versions[0]?.stateMachineVersionArn ?? '');
  const [second, setSecond] = useState(alias?.routingConfiguration[1]?.stateMachineVersionArn ?? '');
  const [weight, setWeight] = useState(alias?.routingConfiguration[1]?.weight ?? 10);
  const [error, setError] = useState<unknown>();
  const save = async (): Promise<void> => {
    const routingConfiguration: Route[] = second ? [{ stateMachineVersionArn: first, weight: 100 - weight }, { stateMachineVersionArn: second, weight }] : [{ stateMachineVersionArn: first, weight: 100 }];
    try {
      await (alias ? call('UpdateStateMachineAlias', { stateMachineAliasArn: alias.stateMachineAliasArn, routingConfiguration }) : call('CreateStateMachineAlias', { name, routingConfiguration }));
      await refresh('aliases', arn);
      tell('Saved');
      onClose();
    } catch (refused) {
      setError(refused);
    }
  };
  const options = versions.map((one) => (
    <option key={one.stateMachineVersionArn} value={one.stateMachineVersionArn}>
      Version {qualifierOf(one.stateMachineVersionArn)}
    </option>
  ));
  return (
    <Dialog
      title={alias ? `Alias ${alias.name}` : 'New alias'}
      onClose={onClose}
      onSubmit={() => void save()}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!first || !name}>
            Save
          </Button>
        </>
      }
    >
      <label className="field">
        <span>Name</span>
        <input className="input" required maxLength={80} disabled={Boolean(alias)} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        <span>Leads to</span>
        <select className="input" value={first} onChange={(event) => setFirst(event.target.value)}>
          {options}
        </select>
      </label>
      <label className="field">
        <span>And for some executions to</span>
        <select className="input" value={second} onChange={(event) => setSecond(event.target.value)}>
          <option value="">No other version</option>
          {options}
        </select>
      </label>
      {second && (
        <label className="field">
          <span>Of a hundred executions, so many go to the other version</span>
          <input className="input" type="number" min={0} max={100} value={weight} onChange={(event) => setWeight(Number(event.target.value))} />
        </label>
      )}
      <Failure error={error} />
    </Dialog>
  );
}

export function AliasesTab({ arn }: { arn: string }) {
  const aliases = useAliases(arn);
  const versions = useVersions(arn);
  const [open, setOpen] = useState<Alias | 'new'>();
  const remove = async (alias: Alias): Promise<void> => {
    try {
      await call('DeleteStateMachineAlias', { stateMachineAliasArn: alias.stateMachineAliasArn });
      await refresh('aliases', arn);
    } catch (error) {
      tellError(error);
    }
  };
  const rows = aliases.data ?? [];
  return (
    <div className="stack">
      <div className="row spread">
        <p className="soft">An alias is a name that leads to one version, or shares executions between two.</p>
        <Button icon="plus" disabled={!versions.data?.length} onClick={() => setOpen('new')}>
          New alias
        </Button>
      </div>
      <Failure error={aliases.error} />
      <div className="card">
        {rows.length === 0 ? (
          <Empty icon="branch" title="No alias yet">{!versions.data?.length && <p>Publish a version first: aliases lead to versions.</p>}</Empty>
        ) : (
          <table className="table" aria-label="Aliases">
            <tbody>
              {rows.map((alias) => (
                <tr key={alias.stateMachineAliasArn}>
                  <td>
                    <Link className="name" to="/machines/$arn" params={{ arn: alias.stateMachineAliasArn }}>
                      {alias.name}
                    </Link>
                  </td>
                  <td className="nums">{alias.routingConfiguration.map((route) => `version ${qualifierOf(route.stateMachineVersionArn) ?? ''}: ${route.weight} %`).join(', ')}</td>
                  <td className="number">
                    <Button look="quiet" isSmall icon="edit" aria-label={`Edit alias ${alias.name}`} onClick={() => setOpen(alias)} />
                    <Button look="quiet" isSmall icon="trash" aria-label={`Delete alias ${alias.name}`} onClick={() => void remove(alias)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {open && <AliasDialog arn={arn} alias={open === 'new' ? undefined : open} onClose={() => setOpen(undefined)} />}
    </div>
  );
}
