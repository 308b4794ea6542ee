import { useState } from 'react';

import { call } from '@/api/aws';
import { refresh, useTags } from '@/api/queries';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Failure } from '@/parts/Notice';
import { tellError } from '@/parts/toast';

export function TagsTab({ arn }: { arn: string }) {
  const tags = useTags(arn);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const change = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
      setKey('');
      setValue('');
    } catch (error) {
      tellError(error);
    }
    await refresh('tags', arn);
  };
  return (
    <div className="stack">
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault();
          void change(call('TagResource', { resourceArn: arn, tags: [{ key, value }] }));
        }}
      >
        <input className="input tag-input" aria-label="Key" placeholder="Key" required maxLength={128} value={key} onChange={(event) => setKey(event.target.value)} />
        <input className="input tag-input" aria-label="Value" placeholder="Value" maxLength={256} value={value} onChange={(event) => setValue(event.target.value)} />
        <Button type="submit" icon="plus" disabled={!key}>
          Add tag
        </Button>
      </form>
      <Failure error={tags.error} />
      <div className="card">
        {tags.data?.length ? (
          <table className="table" aria-label="Tags">
            <tbody>
              {tags.data.map((tag) => (
                <tr key={tag.key}>
                  <td className="breaks">{tag.key}</td>
                  <td className="breaks soft">{tag.value}</td>
                  <td className="number">
                    <Button look="quiet" isSmall icon="trash" aria-label={`Remove tag ${tag.key}`} onClick={() => void change(call('UntagResource', { resourceArn: arn, tagKeys: [tag.key] }))} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : (
          <Empty icon="list" title="No tag yet" />
        )}
      </div>
    </div>
  );
}
