// Large things stay quick: a history of thousands of events, a graph of 500 states, 256 KiB of data.
import { strict as assert } from 'node:assert';
import { executionUrl, machineUrl } from '../browser.mjs';

const fps = (selector) =>
  new Promise((resolve) => {
    const host = document.querySelector(selector);
    const gaps = [];
    let last = performance.now();
    const step = (now) => {
      gaps.push(now - last);
      last = now;
      host.scrollTop += 400;
      gaps.length < 90 ? requestAnimationFrame(step) : resolve(gaps.slice(5).sort((a, b) => a - b));
    };
    requestAnimationFrame(step);
  });

export default async function ({ page, api, shoot }) {
  const many = await api.machine('many-events', {
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: { Type: 'Map', Items: '{% [1..2700] %}', MaxConcurrency: 40, ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'One', States: { One: { Type: 'Pass', Next: 'Two' }, Two: { Type: 'Pass', Next: 'Three' }, Three: { Type: 'Pass', End: true } } }, Output: '{% $count($states.result) %}', End: true },
    },
  });
  const run = await api.start(many, {}, 'large');
  assert.equal((await api.ended(run)).status, 'SUCCEEDED');
  const begun = Date.now();
  await page.goto(executionUrl(run, '?tab=events'));
  await page.locator('.event-row').first().waitFor();
  const firstRows = Date.now() - begun;
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  await page.getByRole('tab', { name: /Events\s*2\d{4}/ }).waitFor();
  assert.ok((await page.locator('.event-row').count()) < 80, 'only what is in view exists');
  const gaps = await page.evaluate(fps, '.events .vlist');
  const median = gaps[Math.floor(gaps.length / 2)];
  console.log(JSON.stringify({ firstPaintMs: Math.round(paint), firstRowsMs: firstRows, medianFrameMs: Math.round(median * 10) / 10, worstFrameMs: Math.round(gaps.at(-1)) }));
  assert.ok(paint < 1000, `first paint after ${paint} ms`);
  assert.ok(median < 60, `a frame takes ${median} ms while scrolling, on a machine without graphics`);
  await shoot('large');

  // Sorted by each column, in both directions; only what is in view exists all the same.
  const sort = page.getByRole('group', { name: 'Sort events' });
  const first = (column) => page.locator(`.events .vrow[data-index="0"] .event-${column}`);
  const sorted = async (name, column, text) => {
    const from = Date.now();
    await sort.getByRole('button', { name: `Sort by ${name}` }).click();
    await first(column).getByText(text, { exact: true }).waitFor();
    assert.ok((await page.locator('.event-row').count()) < 80, 'only what is in view exists');
    return Date.now() - from;
  };
  await page.locator('.events .vlist').evaluate((list) => (list.scrollTop = 0));
  const { events: [last] } = await api.call('GetExecutionHistory', { executionArn: run, reverseOrder: true, maxResults: 1 });
  const times = [
    await sorted('number', 'id', String(last.id)),
    await sorted('type', 'type', 'Execution started'),
    await sorted('type', 'type', 'Pass state exited'),
    await sorted('state', 'state', 'Each'),
    await sorted('state', 'state', 'Two'),
    await sorted('time', 'id', '1'),
    await sorted('time', 'id', String(last.id)),
  ];
  assert.equal(await sort.getByRole('button', { name: 'Sort by time, descending' }).getAttribute('aria-pressed'), 'true');
  console.log(JSON.stringify({ sortMsMax: Math.max(...times) }));
  assert.ok(Math.max(...times) < 3000, `sorting takes ${times} ms`);
  // Beside the filter: what fits is in the same order.
  await page.getByRole('searchbox', { name: 'Filter events' }).fill('Three');
  await page.getByText(/^5,400 of 2\d,\d{3}$/).waitFor();
  await first('type').getByText('Pass state exited', { exact: true }).waitFor();
  await sorted('type', 'type', 'Pass state entered');
  await shoot('sorted');

  const states = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`State ${index}`, index % 7 === 3 && index < 490 ? { Type: 'Choice', Choices: [{ Variable: '$.a', IsPresent: true, Next: `State ${index + 2}` }], Default: `State ${index + 1}` } : { Type: 'Pass', ...(index === 499 ? { End: true } : { Next: `State ${index + 1}` }) }]));
  const wide = await api.machine('many-states', { StartAt: 'State 0', States: states });
  const started = Date.now();
  await page.goto(machineUrl(wide, '?tab=definition'));
  await page.locator('[data-state="State 0"]').waitFor();
  console.log(JSON.stringify({ graphOf500Ms: Date.now() - started }));
  const frames = await page.evaluate(async () => {
    const host = document.querySelector('.react-flow__pane');
    const gaps = [];
    let last = performance.now();
    for (let index = 0; index < 60; index++) {
      host.dispatchEvent(new WheelEvent('wheel', { deltaY: 120, clientX: 400, clientY: 500, bubbles: true, cancelable: true }));
      await new Promise(requestAnimationFrame);
      gaps.push(performance.now() - last);
      last = performance.now();
    }
    return gaps.sort((a, b) => a - b)[30];
  });
  console.log(JSON.stringify({ graphFrameMs: Math.round(frames * 10) / 10 }));
  assert.ok(frames < 80, `a frame takes ${frames} ms while the graph is zoomed`);

  const big = await api.start(await api.machine('big', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } }), { text: Array.from({ length: 12_000 }, (_, index) => `word ${index}`) }, 'big');
  await api.ended(big);
  await page.goto(executionUrl(big, '?tab=io'));
  await page.getByText(/characters more: save the file/).first().waitFor();
}
