import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { call } from '@/api/aws';
import { parseJson } from '@/api/json';
import { machineArnOf } from '@/api/arn';
import { refresh } from '@/api/queries';
import type { Machine } from '@/api/types';
import { Editor } from '@/editor/Editor';
import { Button } from '@/parts/Button';
import { Dialog } from '@/parts/Dialog';
import { Failure } from '@/parts/Notice';
import { Segments } from '@/parts/Segments';
import { keepExpressResult } from './express-results';
import { lastInputs, rememberInput } from './last-inputs';

interface StartDialogProps {
  machine: Pick<Machine, 'stateMachineArn' | 'type' | 'name'>;
  firstInput?: string;
  onClose: () => void;
}

function Inputs({ arn, onChoose }: { arn: string; onChoose: (input: string) => void }) {
  const inputs = lastInputs(arn);
  return inputs.length ? (
    <div className="field">
      <span>Used before</span>
      <div className="stack last-inputs">
        {inputs.map((input) => (
          <button key={input} type="button" className="button quiet cut mono" title={input} onClick={() => onChoose(input)}>
            {input.replace(/\s+/g, ' ')}
          </button>
        ))}
      </div>
    </div>
  ) : null;
}

/** Starts an execution, and shows it. One of an Express workflow may be waited for. */
export function StartDialog({ machine, firstInput, onClose }: StartDialogProps) {
  const navigate = useNavigate();
  const arn = machineArnOf(machine.stateMachineArn);
  const [input, setInput] = useState(firstInput ?? lastInputs(arn)[0] ?? '{\n  \n}');
  const [name, setName] = useState('');
  const [error, setError] = useState<unknown>();
  const [isWaitedFor, setWaitedFor] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const isExpress = machine.type === 'EXPRESS';
  const isJson = parseJson(input) !== undefined;
  const start = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const request = { stateMachineArn: machine.stateMachineArn, input, ...(name ? { name } : {}) };
    try {
      rememberInput(arn, input);
      let executionArn: string;
      if (isExpress && isWaitedFor) {
        const result = await call('StartSyncExecution', request);
        keepExpressResult({ ...result, input });
        ({ executionArn } = result);
      } else {
        ({ executionArn } = await call('StartExecution', request));
      }
      void refresh('search');
      await navigate({ to: '/executions/$arn', params: { arn: executionArn } });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Start ${machine.name}`}
      onClose={onClose}
      onSubmit={() => void start()}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" icon="play" type="submit" disabled={!isJson || isBusy}>
            {!isBusy ? 'Start' : isExpress && isWaitedFor ? 'Waiting' : 'Starting'}
          </Button>
        </>
      }
    >
      {isExpress && (
        <div className="field">
          <span>{isWaitedFor ? 'Its result is waited for, five minutes at most' : 'It leaves nothing but its logs'}</span>
          <Segments
            label="How it is started"
            options={[
              { key: 'sync', title: 'Wait for the result' },
              { key: 'async', title: 'Only start it' },
            ]}
            value={isWaitedFor ? 'sync' : 'async'}
            onChange={(key) => setWaitedFor(key === 'sync')}
          />
        </div>
      )}
      <label className="field">
        <span>Name (made up when left empty)</span>
        <input className="input" maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <div className="field">
        <span>Input</span>
        <div className="boxed input-editor">
          <Editor label="Input" value={input} onChange={setInput} />
        </div>
        {!isJson && <span className="wrong">This is not JSON yet.</span>}
      </div>
      <Inputs arn={arn} onChoose={setInput} />
      <Failure error={error} />
    </Dialog>
  );
}
