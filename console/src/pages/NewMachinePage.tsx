import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { call } from '@/api/aws';
import { refresh } from '@/api/queries';
import { useSession } from '@/api/session';
import type { MachineType } from '@/api/types';
import { printWorkflow } from '@/asl/definition';
import { sampleWorkflow } from '@/asl/sample';
import { Button } from '@/parts/Button';
import { Segments } from '@/parts/Segments';
import { tell, tellError } from '@/parts/toast';
import { EditSurface, type EditMode } from './EditSurface';

export function NewMachinePage() {
  const navigate = useNavigate();
  const session = useSession();
  const search = useSearch({ from: '/machines/new' });
  const [name, setName] = useState('');
  const [type, setType] = useState<MachineType>('STANDARD');
  const [mode, setMode] = useState<EditMode>(search.mode === 'design' ? 'design' : 'code');
  const [text, setText] = useState(() => printWorkflow(sampleWorkflow));
  const [isBusy, setBusy] = useState(false);
  const create = async (): Promise<void> => {
    setBusy(true);
    try {
      const made = await call('CreateStateMachine', { name, type, definition: text, roleArn: `arn:aws:iam::${session.account}:role/gait` });
      await refresh('machines');
      tell(`Created ${name}`);
      await navigate({ to: '/machines/$arn', params: { arn: made.stateMachineArn } });
    } catch (error) {
      tellError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="page full">
      <form
        className="page-head"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <div className="page-title">
          <div className="crumbs">
            <Link to="/">State machines</Link> / New
          </div>
          <h1>New state machine</h1>
        </div>
        <div className="page-actions">
          <input className="input name-input" aria-label="Name" placeholder="Name" required maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
          <Segments
            label="Type"
            value={type}
            onChange={setType}
            options={[
              { key: 'STANDARD', title: 'Standard' },
              { key: 'EXPRESS', title: 'Express' },
            ]}
          />
          <Segments
            label="Way of editing"
            value={mode}
            onChange={setMode}
            options={[
              { key: 'code', title: 'Code' },
              { key: 'design', title: 'Design' },
            ]}
          />
          <Button look="primary" type="submit" disabled={isBusy || !name}>
            Create
          </Button>
        </div>
      </form>
      <EditSurface mode={mode} text={text} onChange={setText} type={type} />
    </div>
  );
}
