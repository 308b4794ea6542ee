// A distributed Map: its map run, reached from the state, the items' executions, and back.
import { strict as assert } from 'node:assert';
import { executionUrl, node, statusOf } from '../browser.mjs';

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Items: '{% [1..6] %}',
      ToleratedFailurePercentage: 100,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Is it three?',
        States: { 'Is it three?': { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 3 %}', Next: 'Bad' }], Default: 'Good' }, Good: { Type: 'Pass', End: true }, Bad: { Type: 'Fail', Error: 'Three' } },
      },
      End: true,
    },
  },
};

export default async function ({ page, api, shoot }) {
  const arn = await api.start(await api.machine('spread', definition), {}, 'spread-1');
  await api.ended(arn);
  await page.goto(executionUrl(arn));
  await statusOf(page, 'Each', 'succeeded');
  await node(page, 'Each').click({ position: { x: 60, y: 20 } });
  await page.getByRole('link', { name: 'Its map run' }).click();
  await page.getByRole('heading', { name: 'Items' }).waitFor();
  const items = page.getByLabel('Items', { exact: true });
  await items.getByText('Succeeded 5').waitFor();
  await items.getByText('Failed 1').waitFor();
  const rows = page.getByRole('table', { name: 'Executions of the map run' }).getByRole('row');
  assert.equal(await rows.count(), 6);
  await shoot('map-run');
  await page.reload();
  await items.getByText('Succeeded 5').waitFor();
  await page.getByRole('link', { name: 'Map runs' }).first().click();
  await page.getByRole('table', { name: 'Map runs' }).getByRole('row').first().waitFor();
}
