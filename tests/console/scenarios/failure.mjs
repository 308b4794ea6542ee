// A failed execution: what went wrong stands on top, with its retries and its caught errors; it is redriven and started again.
import { strict as assert } from 'node:assert';
import { editor, executionUrl, node, statusOf, write } from '../browser.mjs';

export default async function ({ page, api, shoot }) {
  await api.call('CreateActivity', { name: 'worker' });
  const task = { Type: 'Task', Resource: 'arn:aws:states:us-east-1:123456789012:activity:worker', TimeoutSeconds: 1 };
  const machine = await api.machine('fragile', {
    StartAt: 'Try',
    States: {
      Try: { ...task, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 4, MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Both' }], Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Good', States: { Good: { Type: 'Wait', Seconds: 60, End: true } } },
          { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'NoLuck', Cause: 'It rained all day' } } },
        ],
        End: true,
      },
    },
  });
  const arn = await api.start(machine, { n: 1 }, 'unlucky');
  await page.goto(executionUrl(arn));
  await statusOf(page, 'Try', 'retrying');
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
  assert.ok(await dialog.getByRole('button', { name: 'Start', exact: true }).isDisabled());
  await write(page, 'Input', '{ "n": 2 }');
  await dialog.getByLabel('Name').fill('second-try');
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('heading', { name: 'second-try' }).waitFor();
  assert.equal((await api.call('DescribeExecution', { executionArn: arn.replace('unlucky', 'second-try') })).input, '{ "n": 2 }');

  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByText('Used before').waitFor();
  await editor(page, 'Input').getByText('2').first().waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByLabel('Error (optional)').fill('Enough');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await page.locator('.page-head [data-status=ABORTED]').waitFor();

  await page.getByRole('button', { name: 'Redrive' }).click();
  await page.getByText(/redriven 1×/).waitFor();
  await page.locator('.page-head [data-status=RUNNING]').waitFor();
}
