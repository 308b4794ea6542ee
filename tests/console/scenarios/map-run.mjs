// A distributed Map: its map run, reached from the state, the items' executions, and back.
import { executionUrl, hasCount, node, statusOf } from '../browser.mjs';

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
  await hasCount(rows, 6);
  await shoot('map-run');
  await page.reload();
  await items.getByText('Succeeded 5').waitFor();
  // All map runs are listed, page after page, however many executions came after theirs.
  const few = await api.machine('few', { StartAt: 'Some', States: { Some: { Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, End: true } } });
  const others = await Promise.all(Array.from({ length: 55 }, (_, index) => api.start(few, [], `few-${index}`)));
  await Promise.all(others.map((other) => api.ended(other)));
  await page.getByRole('link', { name: 'Map runs' }).first().click();
  const table = page.getByRole('table', { name: 'Map runs' });
  await hasCount(table.getByRole('row'), 1 + 50);
  await hasCount(table.getByRole('link', { name: 'spread-1' }), 0);
  await page.getByRole('button', { name: 'Show more' }).click();
  const row = table.getByRole('row').filter({ hasText: 'spread-1' });
  await row.getByText('5 of 6, 1 failed').waitFor();
  await hasCount(table.getByRole('row'), 1 + 56);
  await shoot('map-runs');
}
