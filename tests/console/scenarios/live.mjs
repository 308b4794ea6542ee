// An execution is watched as it goes: colours change without a reload, iterations can be picked, the run is replayed.
import { strict as assert } from 'node:assert';
import { eventually, executionUrl, hasAttribute, hasCount, hasText, keepTexts, node, statusOf } from '../browser.mjs';

/** First and Left last until the scenario, which is their worker, ends them. */
const definitionWith = (first, left) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'First',
  States: {
    First: { Type: 'Task', Resource: first, Next: 'Each' },
    Each: {
      Type: 'Map',
      Items: '{% [1, 2, 3] %}',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Is it two?',
        States: { 'Is it two?': { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'Two' }], Default: 'Other' }, Two: { Type: 'Pass', End: true }, Other: { Type: 'Pass', End: true } },
      },
      Next: 'Side by side',
    },
    'Side by side': {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: { Type: 'Task', Resource: left, End: true } } },
        { StartAt: 'Right', States: { Right: { Type: 'Pass', Assign: { side: 'right' }, Next: 'After right' }, 'After right': { Type: 'Pass', Output: '{% $side %}', End: true } } },
      ],
      Next: 'Last',
    },
    Last: { Type: 'Succeed' },
  },
});

export default async function ({ page, api, shoot }) {
  const [first, left] = [await api.activity('first'), await api.activity('left')];
  const arn = await api.start(await api.machine('watched', definitionWith(first, left)), { hello: 'world' }, 'run-1');
  await page.goto(executionUrl(arn));
  await statusOf(page, 'First', 'running');
  await api.succeedTask(first);
  await statusOf(page, 'First', 'succeeded');
  await statusOf(page, 'Left', 'running');
  await statusOf(page, 'After right', 'succeeded');
  await page.locator('.page-head [data-status=RUNNING]').waitFor();
  await api.succeedTask(left);
  await statusOf(page, 'Last', 'succeeded');
  await page.locator('.page-head [data-status=SUCCEEDED]').waitFor();

  // One iteration of three.
  await statusOf(page, 'Two', 'succeeded');
  await page.getByLabel('Iteration of Each').selectOption('0');
  await page.waitForFunction(() => !document.querySelector('[data-state="Two"]').dataset.status);
  await statusOf(page, 'Other', 'succeeded');
  await page.getByLabel('Iteration of Each').selectOption('1');
  await statusOf(page, 'Two', 'succeeded');
  await page.getByLabel('Branch of Side by side').selectOption('0');
  await page.waitForFunction(() => !document.querySelector('[data-state="Right"]').dataset.status);
  await page.getByLabel('Branch of Side by side').selectOption('');

  // Data of a state: variables are those of its branch.
  await node(page, 'After right').click();
  await page.getByRole('heading', { name: 'After right' }).waitFor();
  await page.getByLabel('Variables it could read').getByText('"right"').waitFor();
  await shoot('execution');

  // The events, in step with the selection.
  await page.getByRole('tab', { name: /Events/ }).click();
  await page.getByRole('button', { name: 'This state only' }).click();
  await hasCount(page.locator('.event-row'), 2);
  await page.getByRole('button', { name: 'This state only' }).click();
  await page.getByLabel('Filter events').fill('iteration started');
  await hasCount(page.locator('.event-row'), 0);
  await page.getByLabel('Filter events').fill('MapIterationStarted');
  await hasCount(page.locator('.event-row'), 3);
  await page.locator('.event-row').first().click();
  await page.locator('.event-details').getByText('MapIterationStarted').waitFor();
  await page.getByLabel('Filter events').fill('');

  // The table of states, and the timeline.
  await page.getByRole('tab', { name: 'States' }).click();
  await page.getByRole('treegrid', { name: 'States' }).getByText('#2').waitFor();
  await page.getByRole('treegrid', { name: 'States' }).getByText('After right').click();
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await eventually(async () => assert.ok((await page.locator('.timeline .span').count()) >= 8));
  await shoot('timeline');

  // Facts beside the data.
  await page.getByRole('tab', { name: 'Input and output' }).click();
  const facts = page.getByLabel('Facts', { exact: true });
  await facts.getByText(arn, { exact: true }).waitFor();
  await hasText(facts, /State transitions\s+13\s/);
  await hasText(facts, /Role\s+arn:aws:iam::123456789012:role\/gait/);

  // The scrubber: as it was after the second event, and the replay.
  await page.getByLabel('Moment of the run').fill('2');
  await statusOf(page, 'First', 'running');
  await hasAttribute(node(page, 'Last'), 'data-status', null);
  await page.getByRole('button', { name: 'Now' }).click();
  await statusOf(page, 'Last', 'succeeded');
  const positions = await keepTexts(page.locator('.scrubber-time'));
  await page.getByRole('button', { name: 'Replay the run' }).click();
  await eventually(async () => assert.ok((await positions()).some((text) => Number.parseInt(text, 10) < 20), 'it begins anew'));
  await page.getByRole('button', { name: 'Replay the run' }).waitFor(); // it has ended
  await statusOf(page, 'Last', 'succeeded');

  // Exports.
  for (const [item, ending] of [['Graph as SVG', '.svg'], ['Graph as PNG', '.png'], ['History as JSON', '.json']]) {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
    assert.ok(download.suggestedFilename().endsWith(ending));
    const chunks = [];
    for await (const chunk of await download.createReadStream()) {
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks);
    assert.ok(bytes.length > 1000, `${item} has ${bytes.length} bytes`);
    if (ending === '.svg') {
      assert.match(bytes.toString(), /Side by side/);
    }
  }
}
