import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { call } from '@/api/aws';
import { parseJson } from '@/api/json';
import { machineArnOf } from '@/api/arn';
import { refresh } from '@/api/queries';
import type { Machine } from '@/api/types';
import type { Output } from '@/api/operations';
import { Editor } from '@/editor/Editor';
import { Button } from '@/parts/Button';
import { Dialog } from '@/parts/Dialog';
import { JsonView } from '@/parts/JsonView';
import { Failure, Notice } from '@/parts/Notice';
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

/** Starts an execution. One of an Express workflow is waited for, and its result shown. */
export function StartDialog({ machine, firstInput, onClose }: StartDialogProps) {
  const navigate = useNavigate();
  const arn = machineArnOf(machine.stateMachineArn);
  const [input, setInput] = useState(firstInput ?? lastInputs(arn)[0] ?? '{\n  \n}');
  const [name, setName] = useState('');
  const [error, setError] = useState<unknown>();
  const [result, setResult] = useState<Output<'StartSyncExecution'>>();
  const [isBusy, setBusy] = useState(false);
  const isJson = parseJson(input) !== undefined;
  const start = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    const request = { stateMachineArn: machine.stateMachineArn, input, ...(name ? { name } : {}) };
    try {
      rememberInput(arn, input);
      if (machine.type === 'EXPRESS') {
        setResult(await call('StartSyncExecution', request));
      } else {
        const started = await call('StartExecution', request);
        void refresh('search');
        await navigate({ to: '/executions/$arn', params: { arn: started.executionArn } });
      }
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
          <Button onClick={onClose}>{result ? 'Close' : 'Cancel'}</Button>
          <Button look="primary" icon="play" type="submit" disabled={!isJson || isBusy}>
            {isBusy ? 'Starting' : 'Start'}
          </Button>
        </>
      }
    >
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
      {result && (
        <Notice tone={result.status === 'SUCCEEDED' ? 'succeeded' : 'failed'} title={result.status === 'SUCCEEDED' ? 'Succeeded' : (result.error ?? 'Failed')}>
          {result.cause && <pre>{result.cause}</pre>}
          {result.output !== undefined && <JsonView text={result.output} name="Output" />}
        </Notice>
      )}
    </Dialog>
  );
}
