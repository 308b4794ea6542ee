import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { call } from '@/api/aws';
import { prettyJson } from '@/api/json';
import { refresh, useMachine } from '@/api/queries';
import { Button } from '@/parts/Button';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { Segments } from '@/parts/Segments';
import { tell, tellError } from '@/parts/toast';
import { EditSurface, type EditMode } from './EditSurface';

export function EditMachinePage() {
  const { arn } = useParams({ from: '/machines/$arn/edit' });
  const search = useSearch({ from: '/machines/$arn/edit' });
  const navigate = useNavigate();
  const machine = useMachine(arn);
  const [text, setText] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const mode: EditMode = search.mode === 'design' ? 'design' : 'code';
  const definition = machine.data?.definition;
  useEffect(() => {
    if (definition !== undefined) {
      setText((before) => before ?? prettyJson(definition));
    }
  }, [definition]);
  const save = async (publish: boolean): Promise<void> => {
    setBusy(true);
    try {
      await call('UpdateStateMachine', { stateMachineArn: arn, ...(text === undefined ? {} : { definition: text }), ...(publish ? { publish } : {}) });
      await Promise.all([refresh('machine', arn), refresh('versions', arn)]);
      tell(publish ? 'Saved and published' : 'Saved');
      await navigate({ to: '/machines/$arn', params: { arn } });
    } catch (error) {
      tellError(error);
    } finally {
      setBusy(false);
    }
  };
  if (!machine.data || text === undefined) {
    return <div className="page">{machine.error ? <Failure error={machine.error} /> : <Loading what="the definition" />}</div>;
  }
  const isChanged = text !== prettyJson(machine.data.definition);
  return (
    <div className="page full">
      <div className="page-head">
        <div className="page-title">
          <div className="crumbs">
            <Link to="/">State machines</Link> /{' '}
            <Link to="/machines/$arn" params={{ arn }} className="cut">
              {machine.data.name}
            </Link>{' '}
            / Edit
          </div>
          <h1>{machine.data.name}</h1>
        </div>
        <div className="page-actions">
          <Segments
            label="Way of editing"
            value={mode}
            onChange={(next) => void navigate({ to: '/machines/$arn/edit', params: { arn }, search: { mode: next }, replace: true })}
            options={[
              { key: 'code', title: 'Code' },
              { key: 'design', title: 'Design' },
            ]}
          />
          <Link to="/machines/$arn" params={{ arn }} className="button">
            Cancel
          </Link>
          <Button disabled={isBusy} onClick={() => void save(true)}>
            Save and publish
          </Button>
          <Button look="primary" disabled={isBusy || !isChanged} onClick={() => void save(false)}>
            Save
          </Button>
        </div>
      </div>
      <EditSurface mode={mode} text={text} onChange={setText} type={machine.data.type} />
    </div>
  );
}
