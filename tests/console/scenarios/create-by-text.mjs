// A state machine is written as text: what is wrong is told on its line, and the graph follows the text.
import { strict as assert } from 'node:assert';
import { editor, hasText, node, toasted, write } from '../browser.mjs';

const good = { StartAt: 'Greet', States: { Greet: { Type: 'Pass', Next: 'Rest' }, Rest: { Type: 'Wait', Seconds: 1, Next: 'Bye' }, Bye: { Type: 'Succeed' } } };

export default async function ({ page, api, shoot }) {
  await page.goto('/');
  await page.getByRole('heading', { name: 'No state machine yet' }).waitFor();
  await page.getByRole('link', { name: 'New state machine' }).first().click();
  await page.getByText('No problems').waitFor();
  await node(page, 'Is it early?').waitFor();

  await write(page, 'Definition', JSON.stringify(good, null, 2).replace('"Next": "Bye"', '"Next": "Nowhere"'));
  await node(page, 'Rest').waitFor();
  const problem = page.getByRole('log').getByRole('button', { name: /MISSING_TRANSITION_TARGET|Nowhere/ }).first();
  await hasText(problem, /line 11/);
  await editor(page, 'Definition').locator('.cm-lintRange-error').first().waitFor();

  await write(page, 'Definition', '{ "StartAt": ');
  await page.getByText('The text is no definition at this moment').waitFor();
  await node(page, 'Rest').waitFor(); // the last graph stays

  await write(page, 'Definition', JSON.stringify(good, null, 2));
  await page.getByText('No problems').waitFor();
  await node(page, 'Bye').click();
  await editor(page, 'Definition').locator('.cm-activeLine').getByText('"Bye"').waitFor();
  await shoot('new-machine');
  await page.getByLabel('Name', { exact: true }).fill('written');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'written' }).waitFor();
  const [made] = (await api.call('ListStateMachines', {})).stateMachines;
  const told = await api.call('DescribeStateMachine', { stateMachineArn: made.stateMachineArn });
  assert.deepEqual(JSON.parse(told.definition), good);

  await page.getByRole('link', { name: 'Edit' }).click();
  await write(page, 'Definition', JSON.stringify({ ...good, Comment: 'changed' }, null, 2));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await toasted(page, 'Saved');
  await page.getByRole('heading', { name: 'written' }).waitFor();
  assert.equal(JSON.parse((await api.call('DescribeStateMachine', { stateMachineArn: made.stateMachineArn })).definition).Comment, 'changed');
}
