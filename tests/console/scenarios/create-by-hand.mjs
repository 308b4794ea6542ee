// A workflow is built on the canvas: states are dragged, moved, connected, renamed, edited by form; undone and redone.
import { strict as assert } from 'node:assert';
import { editor, eventually, hasValue, node } from '../browser.mjs';

/** In the page, in one go: between two calls the drawing may still move. */
function dragAndDrop([from, to]) {
  const middleOf = (path) => path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
  const box = to.getBoundingClientRect();
  const { x, y } = to instanceof SVGGeometryElement ? middleOf(to) : { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const part = (element) => element.closest('.react-flow__node, .react-flow__edge');
  if (document.elementsFromPoint(x, y).map(part).find(Boolean) !== part(to)) {
    throw new Error('where it is to be dropped is not in view yet');
  }
  const dataTransfer = new DataTransfer();
  const isTaken = (element, type) => !element.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer, clientX: x, clientY: y }));
  isTaken(from, 'dragstart');
  if (!dataTransfer.types.length || !isTaken(to, 'dragover')) {
    throw new Error('what is to be dragged, or where it is to be dropped, has been drawn anew meanwhile');
  }
  isTaken(to, 'drop');
}

function drag(page, from, to) {
  return eventually(async () => page.evaluate(dragAndDrop, [await from.elementHandle(), await to.elementHandle()]));
}

/** In the page: counts the transitions that leave the drawing from now on. */
function watchTransitions() {
  globalThis.lostTransitions = 0;
  const isTransition = (element) => element instanceof Element && Boolean(element.matches('.react-flow__edge') || element.querySelector('.react-flow__edge'));
  new MutationObserver((changes) => {
    globalThis.lostTransitions += changes.flatMap((change) => [...change.removedNodes]).filter(isTransition).length;
  }).observe(document.querySelector('[data-testid=graph]'), { childList: true, subtree: true });
}

const palette = (page, type) => page.locator(`.palette [data-type=${type}]`);
const edge = (page, source, target) => page.getByLabel(`Edge from ${source} to ${target}`).locator('.edge-reach');

export default async function ({ page, api, shoot }) {
  await page.goto('/console/machines/new');
  await page.getByRole('button', { name: 'Design' }).click();
  await node(page, 'Greet').waitFor();

  await drag(page, palette(page, 'Task'), edge(page, 'Greet', 'Is it early?'));
  await node(page, 'Task').waitFor();
  await drag(page, palette(page, 'Parallel'), node(page, 'Task'));
  await node(page, 'Pass (2)').waitFor();
  await drag(page, palette(page, 'Wait'), page.locator('[data-testid=graph] .container[data-state=Parallel]'));
  await node(page, 'Wait').waitFor();

  const form = page.getByLabel('Inspector');
  const name = form.getByLabel('Name', { exact: true });
  await node(page, 'Greet').click();
  await hasValue(name, 'Greet');
  await page.evaluate(watchTransitions);
  await node(page, 'Task').click();
  await hasValue(name, 'Task');
  assert.equal(await page.evaluate(() => globalThis.lostTransitions), 0, 'picking a state draws no transition anew');
  await name.fill('Look it up');
  await name.press('Enter');
  await node(page, 'Look it up').waitFor();
  await hasValue(name, 'Look it up');
  assert.equal(await name.evaluate((field) => field.form), null, 'Enter in a field of a state creates nothing');
  await form.getByLabel('TimeoutSeconds').fill('30');
  await form.getByLabel('TimeoutSeconds').press('Enter');
  await form.getByRole('button', { name: 'Retrier' }).click();
  await form.getByText('Retrier 1').waitFor();
  await shoot('design');

  await page.getByRole('button', { name: 'Undo' }).click();
  await form.getByText('Retrier 1').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Redo' }).click();
  await form.getByText('Retrier 1').waitFor();

  // "Wait a moment" is moved before "Look it up".
  await drag(page, node(page, 'Wait a moment').locator('.is-grip'), edge(page, 'Greet', 'Look it up'));
  await page.getByLabel('Edge from Greet to Wait a moment').waitFor({ state: 'attached' });

  await node(page, 'Wait a moment').click();
  await hasValue(name, 'Wait a moment');
  await page.keyboard.press('Delete');
  await node(page, 'Wait a moment').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Code' }).click();
  await editor(page, 'Definition').getByText('"Look it up"').first().waitFor();
  await page.getByRole('button', { name: 'Design' }).click();

  await page.getByLabel('Name', { exact: true }).first().fill('drawn');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'drawn' }).waitFor();
  const [made] = (await api.call('ListStateMachines', {})).stateMachines;
  const definition = JSON.parse((await api.call('DescribeStateMachine', { stateMachineArn: made.stateMachineArn })).definition);
  assert.equal(definition.States.Greet.Next, 'Look it up');
  assert.equal(definition.States['Look it up'].TimeoutSeconds, 30);
  assert.equal(definition.States['Look it up'].Retry.length, 1);
  assert.equal(definition.States['Look it up'].Next, 'Parallel');
  assert.equal(definition.States.Parallel.Branches.length, 3);
  assert.equal(definition.States.Parallel.Next, 'Is it early?');
}
