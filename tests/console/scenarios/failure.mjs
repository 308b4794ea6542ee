// A failed execution: what went wrong stands on top, with its retries and its caught errors; it is redriven and started again.
import { strict as assert } from 'node:assert';
import { editor, eventually, executionUrl, node, statusOf, write } from '../browser.mjs';

const nested = {
  StartAt: 'Outer',
  States: {
    Outer: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Each',
          States: {
            Each: {
              Type: 'Map',
              ItemsPath: '$.items',
              ItemProcessor: {
                ProcessorConfig: { Mode: 'INLINE' },
                StartAt: 'Inner',
                States: {
                  Inner: {
                    Type: 'Parallel',
                    Branches: [
                      { StartAt: 'Check', States: { Check: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 3, Next: 'Broken' }], Default: 'Fine' }, Broken: { Type: 'Fail', Error: 'Third', Cause: 'Three is one too many' }, Fine: { Type: 'Pass', End: true } } },
                      { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 100_000, End: true } } },
                    ],
                    End: true,
                  },
                },
              },
              End: true,
            },
          },
        },
        { StartAt: 'Aside', States: { Aside: { Type: 'Wait', Seconds: 100_000, End: true } } },
      ],
      End: true,
    },
  },
};

/** A Parallel that fails in a Map in a Parallel: the innermost failure is told, and what ended because of it is aborted. */
async function failsInside(page, api, shoot) {
  const arn = await api.start(await api.machine('nested', nested), { items: [1, 2, 3, 4] }, 'deep');
  await api.ended(arn);
  await page.goto(executionUrl(arn, '?tab=states'));
  await page.getByRole('alert').first().getByText('in Broken').waitFor();
  for (const [state, status] of [['Broken', 'failed'], ['Inner', 'failed'], ['Each', 'failed'], ['Outer', 'failed'], ['Slow', 'aborted'], ['Aside', 'aborted'], ['Fine', 'succeeded']]) {
    await statusOf(page, state, status);
  }
  const row = (name) => page.locator('.tree-row').filter({ hasText: name });
  await row(/^#2/).getByText('Failed').waitFor();
  await row(/^#0/).getByText('Aborted').waitFor();
  await shoot('failure-inside');
}

/** A Task that fails and waits for its next try, longer than anybody looks. */
async function waitsToTryAgain(page, api) {
  const worker = await api.activity('patient-worker');
  const machine = await api.machine('patient', { StartAt: 'Try', States: { Try: { Type: 'Task', Resource: worker, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100_000 }], End: true } } });
  const arn = await api.start(machine, {}, 'patient');
  await page.goto(executionUrl(arn));
  await statusOf(page, 'Try', 'running');
  await api.failTask(worker, 'NotNow', 'Come back later');
  await statusOf(page, 'Try', 'retrying');
  await api.call('StopExecution', { executionArn: arn });
  await statusOf(page, 'Try', 'failed'); // nothing tries again any more
}

export default async function ({ page, api, shoot }) {
  await waitsToTryAgain(page, api);
  const worker = await api.activity('worker');
  const machine = await api.machine('fragile', {
    StartAt: 'Try',
    States: {
      Try: { Type: 'Task', Resource: worker, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Both' }], Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Good', States: { Good: { Type: 'Wait', Seconds: 100_000, End: true } } },
          { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'NoLuck', Cause: 'It rained all day' } } },
        ],
        End: true,
      },
    },
  });
  const arn = await api.start(machine, { n: 1 }, 'unlucky');
  await page.goto(executionUrl(arn));
  await statusOf(page, 'Try', 'running');
  await api.failTask(worker, 'Slipped', 'The first try');
  await api.failTask(worker, 'Slipped', 'The second try');
  await statusOf(page, 'Try', 'caught');
  await statusOf(page, 'Bad', 'failed');
  await statusOf(page, 'Good', 'aborted');
  const banner = page.getByRole('alert').first();
  await banner.getByText('NoLuck').waitFor();
  await banner.getByText('It rained all day').waitFor();
  await banner.getByRole('button', { name: 'Show the state' }).click();
  await page.getByRole('heading', { name: 'Bad' }).waitFor();
  await shoot('failure');

  await node(page, 'Try').click();
  await page.getByRole('table', { name: 'Tries' }).getByText('Try 2').waitFor();

  await page.getByRole('button', { name: 'Start again' }).click();
  const dialog = page.getByRole('dialog');
  await write(page, 'Input', '{ "n": ');
  await dialog.getByText('This is not JSON yet.').waitFor();
  await eventually(async () => assert.ok(await dialog.getByRole('button', { name: 'Start', exact: true }).isDisabled()));
  await write(page, 'Input', '{ "n": 2 }');
  await dialog.getByLabel('Name').fill('second-try');
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('heading', { name: 'second-try' }).waitFor();
  assert.equal((await api.call('DescribeExecution', { executionArn: arn.replace('unlucky', 'second-try') })).input, '{ "n": 2 }');

  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByText('Used before').waitFor();
  await editor(page, 'Input').getByText('2').first().waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  // It runs for as long as nobody takes its task.
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByLabel('Error (optional)').fill('Enough');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await page.locator('.page-head [data-status=ABORTED]').waitFor();

  await page.getByRole('button', { name: 'Redrive' }).click();
  await page.getByText(/redriven 1×/).waitFor();
  await page.locator('.page-head [data-status=RUNNING]').waitFor();

  await failsInside(page, api, shoot);
}
