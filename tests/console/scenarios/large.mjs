// Large things stay quick: a history of thousands of events, a graph of 500 states, 256 KiB of data. What is measured is the
// processor time of the page, not the clock, and the limits are fifty times what a usual machine takes.
import { strict as assert } from 'node:assert';
import { eventually, executionUrl, hasAttribute, machineUrl, processorClock, slowdown } from '../browser.mjs';

const frames = 90;
const rowsMax = 80; // in view, and some beyond

/** Runs in the page: scrolls on with each frame. */
const scroll = ([selector, count]) =>
  new Promise((resolve) => {
    const host = document.querySelector(selector);
    let done = 0;
    const step = () => {
      host.scrollTop += 400;
      ++done < count ? requestAnimationFrame(step) : resolve();
    };
    requestAnimationFrame(step);
  });

/** Runs in the page: zooms on with each frame. */
const zoom = async (count) => {
  const host = document.querySelector('.react-flow__pane');
  for (let done = 0; done < count; done++) {
    host.dispatchEvent(new WheelEvent('wheel', { deltaY: 120, clientX: 400, clientY: 500, bubbles: true, cancelable: true }));
    await new Promise(requestAnimationFrame);
  }
};

export default async function ({ page, api, shoot }) {
  const clock = await processorClock(page);
  const taken = async (limitMs, what, work) => {
    const from = await clock();
    await work();
    const ms = Math.round(((await clock()) - from) * 10) / 10;
    console.log(JSON.stringify({ [what]: ms, limitMs }));
    assert.ok(ms < limitMs * slowdown, `${what} takes ${ms} ms of the processor`);
  };
  const onlyWhatIsInView = () => eventually(async () => assert.ok((await page.locator('.event-row').count()) < rowsMax, 'only what is in view exists'));

  const many = await api.machine('many-events', {
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: { Type: 'Map', Items: '{% [1..2700] %}', MaxConcurrency: 40, ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'One', States: { One: { Type: 'Pass', Next: 'Two' }, Two: { Type: 'Pass', Next: 'Three' }, Three: { Type: 'Pass', End: true } } }, Output: '{% $count($states.result) %}', End: true },
    },
  });
  const run = await api.start(many, {}, 'large');
  assert.equal((await api.ended(run)).status, 'SUCCEEDED');
  await page.goto('/console/activities'); // the program is there, what is asked for now is not
  await page.getByText('No activity yet').waitFor();
  await taken(8000, 'first rows', async () => {
    await page.goto(executionUrl(run, '?tab=events'));
    await page.locator('.event-row').first().waitFor();
  });
  await taken(15_000, 'whole history', () => page.getByRole('tab', { name: /Events\s*2\d{4}/ }).waitFor());
  await onlyWhatIsInView();
  await taken(300 * frames, `${frames} frames of scrolling`, () => page.evaluate(scroll, ['.events .vlist', frames]));
  await onlyWhatIsInView();
  await shoot('large');

  // Sorted by each column, in both directions; only what is in view exists all the same.
  const sort = page.getByRole('group', { name: 'Sort events' });
  const first = (column) => page.locator(`.events .vrow[data-index="0"] .event-${column}`);
  const sorted = (name, column, text) =>
    taken(3000, `sorting by ${name}`, async () => {
      await sort.getByRole('button', { name: `Sort by ${name}` }).click();
      await first(column).getByText(text, { exact: true }).waitFor();
      await onlyWhatIsInView();
    });
  await page.locator('.events .vlist').evaluate((list) => (list.scrollTop = 0));
  const { events: [last] } = await api.call('GetExecutionHistory', { executionArn: run, reverseOrder: true, maxResults: 1 });
  await sorted('number', 'id', String(last.id));
  await sorted('type', 'type', 'Execution started');
  await sorted('type', 'type', 'Pass state exited');
  await sorted('state', 'state', 'Each');
  await sorted('state', 'state', 'Two');
  await sorted('time', 'id', '1');
  await sorted('time', 'id', String(last.id));
  await hasAttribute(sort.getByRole('button', { name: 'Sort by time, descending' }), 'aria-pressed', 'true');
  // Beside the filter: what fits is in the same order.
  await page.getByRole('searchbox', { name: 'Filter events' }).fill('Three');
  await page.getByText(/^5,400 of 2\d,\d{3}$/).waitFor();
  await first('type').getByText('Pass state exited', { exact: true }).waitFor();
  await sorted('type', 'type', 'Pass state entered');
  await shoot('sorted');

  const states = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`State ${index}`, index % 7 === 3 && index < 490 ? { Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: `State ${index + 2}` }], Default: `State ${index + 1}` } : { Type: 'Pass', ...(index === 499 ? { End: true } : { Next: `State ${index + 1}` }) }]));
  const wide = await api.machine('many-states', { StartAt: 'State 0', States: states });
  await taken(20_000, 'graph of 500 states', async () => {
    await page.goto(machineUrl(wide, '?tab=definition'));
    await page.locator('[data-state="State 0"]').waitFor();
  });
  await eventually(async () => assert.ok((await page.locator('.react-flow__node').count()) < 250, 'only states in view are drawn'));
  await taken(200 * frames, `${frames} frames of zooming`, () => page.evaluate(zoom, frames));

  const big = await api.start(await api.machine('big', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }), { text: Array.from({ length: 12_000 }, (_, index) => `word ${index}`) }, 'big');
  await api.ended(big);
  await page.goto(executionUrl(big, '?tab=io'));
  await page.getByText(/characters more: save the file/).first().waitFor();
}
