import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { qualifierOf } from '@/api/arn';
import { call } from '@/api/aws';
import { prettyJson } from '@/api/json';
import { refresh, useVersions } from '@/api/queries';
import { Diff } from '@/editor/Diff';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { When } from '@/parts/When';
import { tell, tellError } from '@/parts/toast';

const now = 'now';

function useDefinition(arn: string, current: string, machineArn: string): string | undefined {
  const version = useQuery({
    queryKey: ['machine', arn === now ? machineArn : arn],
    queryFn: ({ signal }) => call('DescribeStateMachine', { stateMachineArn: arn === now ? machineArn : arn }, signal),
  });
  return arn === now ? current : version.data?.definition;
}

function Compare({ arn, versions, current }: { arn: string; versions: string[]; current: string }) {
  const [before, setBefore] = useState(versions[0] ?? now);
  const [after, setAfter] = useState(now);
  const old = useDefinition(before, current, arn);
  const fresh = useDefinition(after, current, arn);
  const options = [now, ...versions];
  const select = (label: string, value: string, change: (value: string) => void) => (
    <label className="row">
      <span className="soft">{label}</span>
      <select className="select input" value={value} onChange={(event) => change(event.target.value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {option === now ? 'The latest' : `Version ${qualifierOf(option) ?? ''}`}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <section className="card" aria-label="Difference">
      <div className="card-head">
        <h2>What changed</h2>
        <div className="row wrap">
          {select('from', before, setBefore)}
          {select('to', after, setAfter)}
        </div>
      </div>
      <div className="diff-host">
        {old === undefined || fresh === undefined ? (
          <Loading what="definitions" />
        ) : prettyJson(old) === prettyJson(fresh) ? (
          <Empty icon="check" title="The same">
            <p>The two definitions do not differ.</p>
          </Empty>
        ) : (
          <Diff label="Difference" before={prettyJson(old)} after={prettyJson(fresh)} />
        )}
      </div>
    </section>
  );
}

export function VersionsTab({ arn, current }: { arn: string; current: string }) {
  const versions = useVersions(arn);
  const publish = async (): Promise<void> => {
    try {
      const made = await call('PublishStateMachineVersion', { stateMachineArn: arn });
      await refresh('versions', arn);
      tell(`Published version ${qualifierOf(made.stateMachineVersionArn) ?? ''}`);
    } catch (error) {
      tellError(error);
    }
  };
  const remove = async (stateMachineVersionArn: string): Promise<void> => {
    try {
      await call('DeleteStateMachineVersion', { stateMachineVersionArn });
      await refresh('versions', arn);
    } catch (error) {
      tellError(error);
    }
  };
  const rows = versions.data ?? [];
  return (
    <div className="stack">
      <div className="row spread">
        <p className="soft">A version is a definition that never changes: executions can be started by it, and aliases lead to it.</p>
        <Button icon="plus" onClick={() => void publish()}>
          Publish version
        </Button>
      </div>
      <Failure error={versions.error} />
      <div className="card">
        {rows.length === 0 ? (
          <Empty icon="list" title="No version yet" />
        ) : (
          <table className="table" aria-label="Versions">
            <tbody>
              {rows.map((row) => (
                <tr key={row.stateMachineVersionArn}>
                  <td>
                    <Link className="name" to="/machines/$arn" params={{ arn: row.stateMachineVersionArn }}>
                      Version {qualifierOf(row.stateMachineVersionArn)}
                    </Link>
                  </td>
                  <td>
                    <When at={row.creationDate} />
                  </td>
                  <td className="number">
                    <Button look="quiet" isSmall icon="trash" aria-label={`Delete version ${qualifierOf(row.stateMachineVersionArn) ?? ''}`} onClick={() => void remove(row.stateMachineVersionArn)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {rows.length > 0 && <Compare key={rows.length} arn={arn} versions={rows.map((row) => row.stateMachineVersionArn)} current={current} />}
    </div>
  );
}
