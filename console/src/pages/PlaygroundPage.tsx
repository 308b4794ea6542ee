import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';

import { parseJson } from '@/api/json';
import { Editor } from '@/editor/Editor';
import { JsonView } from '@/parts/JsonView';
import { Empty } from '@/parts/Empty';
import { Failure, Notice } from '@/parts/Notice';
import { Segments } from '@/parts/Segments';
import { evaluate, type Language } from './evaluate';

const examples: Record<Language, string> = {
  jsonata: "$states.input.orders[price > 10].{ 'n': n, 'total': $round(price * 1.19, 2) }",
  jsonpath: '$.orders[?(@.price > 10)].n',
  intrinsic: "States.Format('{} orders', States.ArrayLength($.orders))",
};

const firstData = JSON.stringify({ orders: [{ n: 1, price: 5 }, { n: 2, price: 15 }, { n: 3, price: 42 }] }, null, 2);

function useLater<T>(value: T, ms: number): T {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return late;
}

/** Expressions, evaluated as they are written. */
export function PlaygroundPage() {
  const [language, setLanguage] = useState<Language>('jsonata');
  const [expressions, setExpressions] = useState(examples);
  const [data, setData] = useState(firstData);
  const [variables, setVariables] = useState('');
  const expression = expressions[language];
  const asked = useMemo(() => ({ language, expression, data, variables }), [language, expression, data, variables]);
  const late = useLater(asked, 250);
  const isReady = parseJson(late.data) !== undefined && late.expression.trim() !== '' && (late.variables.trim() === '' || parseJson(late.variables) !== undefined);
  const answer = useQuery({
    queryKey: ['evaluate', late],
    enabled: isReady,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => evaluate(late.language, late.expression, late.data, late.variables, signal),
  });
  const told = answer.data;
  const isBehind = isReady && (late !== asked || answer.isPlaceholderData || answer.isPending);
  return (
    <div className="page full">
      <div className="page-head">
        <div className="page-title">
          <h1>Playground</h1>
          <p className="soft">Expressions are evaluated as they are written, as a workflow would.</p>
        </div>
        <Segments
          label="Language"
          value={language}
          onChange={setLanguage}
          options={[
            { key: 'jsonata', title: 'JSONata' },
            { key: 'jsonpath', title: 'JSONPath' },
            { key: 'intrinsic', title: 'Intrinsic function' },
          ]}
        />
      </div>
      <section className="card expression" aria-label="Expression">
        <Editor key={language} label="Expression" value={expression} isJson={false} onChange={(text) => setExpressions((before) => ({ ...before, [language]: text }))} />
      </section>
      <div className="split half">
        <div className="stack pane">
          <section className="card pane play-data" aria-label="Data">
            <div className="card-head">
              <h2>{language === 'jsonata' ? 'Data, which is $states.input' : 'Data, which is $'}</h2>
            </div>
            <div className="grow editor-host">
              <Editor label="Data" value={data} onChange={setData} />
            </div>
          </section>
          <section className="card pane play-variables" aria-label="Variables">
            <div className="card-head">
              <h2>Variables</h2>
            </div>
            <div className="grow editor-host">
              <Editor label="Variables" value={variables} hint='{ "x": 1 } makes $x' onChange={setVariables} />
            </div>
          </section>
        </div>
        <section className="card pane" aria-label="Result">
          <div className="card-head">
            <h2>Result</h2>
          </div>
          <div className={`pane-body is-padded ${isBehind ? 'is-behind' : ''}`} aria-live="polite" aria-busy={isBehind}>
            {!isReady && <Empty icon="playground" title="Write an expression, and data that is JSON" />}
            <Failure error={answer.error} />
            {isReady && told?.error && (
              <Notice tone="failed" title={told.error.name}>
                <div>{told.error.message}</div>
              </Notice>
            )}
            {isReady && told?.isUndefined && <Notice tone="caught" title="Nothing (undefined)" />}
            {isReady && told && !told.error && !told.isUndefined && <JsonView text={JSON.stringify(told.result)} name="Result" />}
          </div>
        </section>
      </div>
    </div>
  );
}
