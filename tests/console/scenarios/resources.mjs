// Versions and what changed between them, aliases, tags, exports, deletion.
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { hasText, machineUrl } from '../browser.mjs';

const definition = { Comment: 'one', StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1, Next: 'B' }, B: { Type: 'Pass', Result: '${not} a %{template}', End: true } } };

export default async function ({ page, api }) {
  const arn = await api.machine('kept', definition);
  await page.goto(machineUrl(arn, '?tab=versions'));
  await page.getByRole('button', { name: 'Publish version' }).click();
  await page.getByRole('link', { name: 'Version 1' }).waitFor();
  await api.call('UpdateStateMachine', { stateMachineArn: arn, definition: JSON.stringify({ ...definition, Comment: 'two' }), publish: true });
  await page.reload();
  await page.getByRole('link', { name: 'Version 2' }).waitFor();
  await page.getByLabel('from').selectOption('arn:aws:states:us-east-1:123456789012:stateMachine:kept:1');
  await page.locator('.diff-host .cm-changedLine').first().waitFor();
  await hasText(page.locator('.diff-host .cm-content'), /"one"[\s\S]*"two"/);

  await page.getByRole('tab', { name: /Aliases/ }).click();
  await page.getByRole('button', { name: 'New alias' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('PROD');
  await dialog.getByLabel('Leads to').selectOption('arn:aws:states:us-east-1:123456789012:stateMachine:kept:1');
  await dialog.getByLabel('And for some').selectOption('arn:aws:states:us-east-1:123456789012:stateMachine:kept:2');
  await dialog.getByLabel(/Of a hundred/).fill('25');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('version 1: 75 %, version 2: 25 %').waitFor();

  await page.getByRole('tab', { name: /Tags/ }).click();
  await page.getByLabel('Key').fill('team');
  await page.getByLabel('Value').fill('shipping');
  await page.getByRole('button', { name: 'Add tag' }).click();
  await page.getByRole('cell', { name: 'shipping' }).waitFor();
  assert.deepEqual((await api.call('ListTagsForResource', { resourceArn: arn })).tags, [{ key: 'team', value: 'shipping' }]);
  await page.getByRole('button', { name: 'Remove tag team' }).click();
  await page.getByText('No tag yet').waitFor();

  const exported = {};
  for (const form of ['ASL (JSON)', 'ASL (YAML)', 'CloudFormation', 'Terraform']) {
    await page.getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: form }).click()]);
    exported[form] = readFileSync(await download.path(), 'utf8');
  }
  assert.equal(JSON.parse(exported['ASL (JSON)']).Comment, 'two');
  assert.match(exported['ASL (YAML)'], /^Comment: two$/m);
  assert.match(exported.CloudFormation, /Type: AWS::StepFunctions::StateMachine/);
  assert.match(exported.Terraform, /resource "aws_sfn_state_machine" "kept"/);
  assert.match(exported.Terraform, /\$\$\{not\} a %%\{template\}/, 'a definition is no template of Terraform');

  await page.getByRole('tab', { name: 'Definition' }).click();
  await page.locator('[data-state=B]').waitFor();
  await page.getByRole('button', { name: 'Delete the state machine' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'No state machine yet' }).waitFor();
}
