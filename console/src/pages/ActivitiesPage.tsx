import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { collect, call } from '@/api/aws';
import { refresh } from '@/api/queries';
import { Button } from '@/parts/Button';
import { Empty } from '@/parts/Empty';
import { Loading } from '@/parts/Loading';
import { Failure } from '@/parts/Notice';
import { When } from '@/parts/When';
import { tell, tellError } from '@/parts/toast';

/** Activities: tasks that workers of one's own ask for. */
export function ActivitiesPage() {
  const [name, setName] = useState('');
  const activities = useQuery({
    queryKey: ['activities'],
    refetchInterval: 5000,
    queryFn: ({ signal }) => collect('ListActivities', { maxResults: 1000 }, (page) => page.activities, 5000, signal),
  });
  const change = async (work: Promise<unknown>, words: string): Promise<void> => {
    try {
      await work;
      tell(words);
      setName('');
    } catch (error) {
      tellError(error);
    }
    await refresh('activities');
  };
  return (
    <div className="page">
      <div className="page-head">
        <div className="page-title">
          <h1>Activities</h1>
          <p className="soft">Tasks that workers of your own ask for by GetActivityTask.</p>
        </div>
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            void change(call('CreateActivity', { name }), `Created ${name}`);
          }}
        >
          <input className="input tag-input" aria-label="Name" placeholder="Name" required maxLength={80} value={name} onChange={(event) => setName(event.target.value)} />
          <Button type="submit" look="primary" icon="plus" disabled={!name}>
            New activity
          </Button>
        </form>
      </div>
      <Failure error={activities.error} />
      {activities.isPending && <Loading what="activities" />}
      {activities.data && (
        <div className="card">
          {activities.data.length === 0 ? (
            <Empty icon="activities" title="No activity yet">
              <p>A Task whose Resource is an activity waits until a worker has asked for it and sent its result.</p>
            </Empty>
          ) : (
            <div className="table-wrap">
              <table className="table" aria-label="Activities">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">ARN</th>
                    <th scope="col">Created</th>
                    <th scope="col">
                      <span className="for-readers">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {activities.data.map((activity) => (
                    <tr key={activity.activityArn}>
                      <td>
                        <span className="name">{activity.name}</span>
                      </td>
                      <td className="mono soft cut" title={activity.activityArn}>
                        {activity.activityArn}
                      </td>
                      <td>
                        <When at={activity.creationDate} />
                      </td>
                      <td className="number">
                        <Button look="quiet" isSmall icon="trash" aria-label={`Delete activity ${activity.name}`} onClick={() => void change(call('DeleteActivity', { activityArn: activity.activityArn }), `Deleted ${activity.name}`)} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </div>
      )}
    </div>
  );
}
