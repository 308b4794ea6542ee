// A workflow is built on the canvas: states are dragged, moved, connected, renamed, edited by form; undone and redone.
import { strict as assert } from 'node:assert';
import { editor, node } from '../browser.mjs';

async function drag(page, from, to) {
  const transfer = await page.evaluateHandle(() => new DataTransfer());
  const box = await to.boundingBox();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, dataTransfer: transfer };
  await from.dispatchEvent('dragstart', { dataTransfer: transfer });
  await to.dispatchEvent('dragover', at);
  await to.dispatchEvent('drop', at);
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

  await node(page, 'Task').click();
  const form = page.getByLabel('Inspector');
  await form.getByLabel('Name', { exact: true }).fill('Look it up');
  await form.getByLabel('Name', { exact: true }).press('Enter');
  await node(page, 'Look it up').waitFor();
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
