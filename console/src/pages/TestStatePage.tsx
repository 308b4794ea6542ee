import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { call } from '@/api/aws';
import { parseJson } from '@/api/json';
import type { TestStateInput, TestStateOutput } from '@/api/types';
import { Editor } from '@/editor/Editor';
import { aslCompletion } from '@/editor/completion';
import { Stages } from '@/execution/Stages';
import { stagesOf } from '@/execution/stages';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Failure, Notice } from '@/parts/Notice';
import { Tabs } from '@/parts/Tabs';

const firstState = `{
  "Type": "Task",
  "QueryLanguage": "JSONata",
  "Resource": "arn:aws:states:::lambda:invoke",
  "Arguments": {
    "FunctionName": "price",
    "Payload": { "sku": "{% $states.input.sku %}" }
  },
  "Output": "{% $states.result.Payload %}",
  "Assign": { "price": "{% $states.result.Payload.price %}" },
  "Retry": [{ "ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 2 }],
  "End": true
}`;

const firstTexts = {
  input: '{\n  "sku": "CUP"\n}',
  mock: '{\n  "Payload": { "sku": "CUP", "price": 12 },\n  "StatusCode": 200\n}',
  variables: '',
  context: '',
};

type TextName = keyof typeof firstTexts;

const titles: Record<TextName, string> = { input: 'Input', mock: 'Mocked result', variables: 'Variables', context: 'Context' };

const looks = { SUCCEEDED: 'succeeded', FAILED: 'failed', RETRIABLE: 'caught', CAUGHT_ERROR: 'caught' } as const;
const words = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', RETRIABLE: 'Would be tried again', CAUGHT_ERROR: 'Caught the error' } as const;

function Result({ answer }: { answer: TestStateOutput }) {
  const status = answer.status ?? 'SUCCEEDED';
  const backoff = answer.inspectionData?.errorDetails?.retryBackoffIntervalSeconds;
  return (
    <div className="stack">
      <Notice tone={looks[status]} title={words[status]}>
        <div>
          {answer.error && <div className="mono">{answer.error}</div>}
          {answer.cause && <div>{answer.cause}</div>}
          {backoff !== undefined && <div>after {backoff} s</div>}
          {answer.nextState && <div>Next state: {answer.nextState}</div>}
        </div>
      </Notice>
      <Stages key={JSON.stringify(answer)} stages={stagesOf(answer)} />
    </div>
  );
}

export function TestStatePage() {
  const [definition, setDefinition] = useState(firstState);
  const [texts, setTexts] = useState(firstTexts);
  const [active, setActive] = useState<TextName>('input');
  const [mockError, setMockError] = useState('');
  const [isError, setIsError] = useState(false);
  const test = useMutation({
    mutationFn: () => {
      const input: TestStateInput = { definition, inspectionLevel: 'DEBUG', input: texts.input || '{}' };
      if (texts.variables.trim()) {
        input.variables = texts.variables;
      }
      if (isError) {
        input.mock = { errorOutput: { error: mockError || 'States.TaskFailed', cause: 'Mocked' } };
      } else if (texts.mock.trim()) {
        input.mock = { result: texts.mock, fieldValidationMode: 'NONE' };
      }
      if (texts.context.trim() && input.mock) {
        input.context = texts.context;
      }
      return call('TestState', input);
    },
  });
  const isRunnable = parseJson(definition) !== undefined && (texts.input === '' || parseJson(texts.input) !== undefined);
  return (
    <div className="page full">
      <div className="page-head">
        <div className="page-title">
          <h1>Test state</h1>
          <p className="soft">Runs one state by itself, with the data at every stage.</p>
        </div>
        <Button look="primary" icon="play" disabled={!isRunnable || test.isPending} onClick={() => test.mutate()}>
          Run the state
        </Button>
      </div>
      <div className="split half">
        <div className="stack pane">
          <section className="card pane grow" aria-label="Definition of the state">
            <Editor label="State" value={definition} onChange={setDefinition} completion={aslCompletion} />
          </section>
          <section className="card pane grow" aria-label="What it gets">
            <Tabs label="What it gets" active={active} onChange={setActive} items={(Object.keys(titles) as TextName[]).map((key) => ({ key, title: titles[key] }))} />
            {active === 'mock' && (
              <div className="bar view-bar">
                <label className="check">
                  <input type="checkbox" checked={isError} onChange={(event) => setIsError(event.target.checked)} />
                  An error in place of a result
                </label>
                {isError && <input className="input tag-input mono" aria-label="Error name" placeholder="States.TaskFailed" value={mockError} onChange={(event) => setMockError(event.target.value)} />}
              </div>
            )}
            <div className="grow editor-host">
              <Editor key={active} label={titles[active]} value={texts[active]} hint="Nothing" onChange={(text) => setTexts((before) => ({ ...before, [active]: text }))} />
            </div>
          </section>
        </div>
        <section className="card pane" aria-label="What came of it">
          <div className="pane-body is-padded">
            <Failure error={test.error} />
            {test.data && !test.error && <Result answer={test.data} />}
            {!test.data && !test.error && (
              <Empty icon="flask" title="Not run yet">
                <p>Tasks are called unless there is a mocked result.</p>
              </Empty>
            )}
          </div>
        </section>
      </div>
    </div>
  );
}
