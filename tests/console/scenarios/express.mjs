// Express executions: one that is waited for has a page with its result; of others the page says where their logs are.
import { editor, executionUrl, hasText, machineUrl, node, write } from '../browser.mjs';

const check = {
  StartAt: 'Is it good?',
  States: {
    'Is it good?': { Type: 'Choice', Choices: [{ Variable: '$.good', BooleanEquals: true, Next: 'Good' }], Default: 'Bad' },
    Good: { Type: 'Pass', Result: { told: 'well' }, End: true },
    Bad: { Type: 'Fail', Error: 'NotGood', Cause: 'It was not good' },
  },
};
const logging = { level: 'ALL', includeExecutionData: true, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/checks:*' } }] };

export default async function ({ page, api, guard, shoot }) {
  guard.allow(/InvalidArn|status of 400/);
  const arn = await api.machine('checks', check, { type: 'EXPRESS', loggingConfiguration: logging });
  const start = async (input, how) => {
    await page.goto(machineUrl(arn));
    await page.getByRole('button', { name: 'Start execution' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: how }).click();
    await editor(page, 'Input').waitFor();
    await write(page, 'Input', input);
    await dialog.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/\/executions\//);
  };

  await start('{"good": true}', 'Wait for the result');
  await page.locator('[data-status=SUCCEEDED]').waitFor();
  await hasText(page.getByLabel('Output', { exact: true }).last(), /"told": "well"/);
  await page.getByText(/billed 100 ms at 64 MB/).waitFor();
  await page.getByText('/aws/vendedlogs/states/checks', { exact: true }).waitFor();
  await node(page, 'Good').waitFor();
  await shoot('express');
  await page.reload();
  await page.locator('[data-status=SUCCEEDED]').waitFor();
  await hasText(page.getByLabel('Input', { exact: true }).last(), /"good": true/);

  await start('{"good": false}', 'Wait for the result');
  await page.getByRole('alert').getByText('It was not good').waitFor();
  await page.locator('[data-status=FAILED]').waitFor();
  await page.getByRole('button', { name: 'Start again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

  await start('{"good": true}', 'Only start it');
  await page.getByText('The server keeps no Express executions').waitFor();
  await hasText(page.getByLabel('Command that finds its records'), /grep .*arn:aws:states:us-east-1:123456789012:express:checks:.* DATA\/logs\/aws\/vendedlogs\/states\/checks\/states\/checks\/$/);
  await shoot('express-asynchronous');

  // Where nothing is logged, that is said; the children of a map run are known to the server.
  const quiet = await api.machine('quiet', check, { type: 'EXPRESS' });
  await page.goto(executionUrl((await api.call('StartExecution', { stateMachineArn: quiet, input: '{}' })).executionArn));
  await page.getByText(/Nothing was logged/).waitFor();
  const spread = await api.machine('spread-express', { StartAt: 'Each', States: { Each: { Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, End: true } } });
  const parent = await api.start(spread, [7]);
  await api.ended(parent);
  const [{ mapRunArn }] = (await api.call('ListMapRuns', { executionArn: parent })).mapRuns;
  const [child] = (await api.call('ListExecutions', { mapRunArn })).executions;
  await page.goto(executionUrl(child.executionArn));
  await page.locator('[data-status=SUCCEEDED]').waitFor();
  await page.getByRole('link', { name: 'Map run', exact: true }).waitFor();
}
