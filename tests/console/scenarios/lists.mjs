// The lists: state machines by name and type, with counts; executions by status, name and time, kept up to date.
import { strict as assert } from 'node:assert';
import { machineUrl } from '../browser.mjs';

const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const fail = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Bad' } } };
const wait = { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 600, End: true } } };

export default async function ({ page, api, shoot }) {
  const good = await api.machine('good-one', pass);
  const bad = await api.machine('bad-one', fail);
  const slow = await api.machine('slow-one', wait);
  await api.machine('quick-one', pass, { type: 'EXPRESS' });
  for (let count = 0; count < 3; count++) {
    await api.start(good, { city: 'Porto' }, `good-${count}`);
  }
  await api.start(bad, {}, 'bad-0');
  await api.start(slow, {}, 'slow-0');

  await page.goto('/');
  const table = page.getByRole('table', { name: 'State machines' });
  await table.getByRole('row', { name: /good-one.*3\s*Succeeded/ }).waitFor();
  await table.getByRole('row', { name: /bad-one.*1\s*Failed/ }).waitFor();
  await shoot('machines');
  await page.getByLabel('Find a state machine').fill('bad');
  assert.equal(await table.getByRole('row').count(), 2);
  await page.getByLabel('Find a state machine').fill('');
  await page.getByRole('button', { name: 'Express' }).click();
  await table.getByRole('link', { name: 'quick-one' }).waitFor();
  assert.equal(await table.getByRole('row').count(), 2);
  await page.getByRole('button', { name: 'All' }).click();
  await table.getByRole('button', { name: 'Name' }).click();
  assert.match(await table.getByRole('row').nth(1).innerText(), /bad-one/);

  await page.getByRole('link', { name: 'Executions' }).click();
  const rows = page.getByRole('table', { name: 'Executions' }).getByRole('row');
  await page.waitForFunction(() => document.querySelectorAll('table[aria-label=Executions] tbody tr').length === 5);
  await page.getByLabel('Status', { exact: true }).selectOption('FAILED');
  await page.waitForFunction(() => document.querySelectorAll('table[aria-label=Executions] tbody tr').length === 1);
  assert.match(await rows.nth(1).innerText(), /bad-0/);
  assert.match(page.url(), /status=FAILED/);
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByLabel(/^Find/).fill('good-1');
  await page.waitForFunction(() => document.querySelectorAll('table[aria-label=Executions] tbody tr').length === 1);
  await page.getByLabel(/^Find/).fill('');
  await page.getByLabel('Started').selectOption('1h');
  await page.waitForFunction(() => document.querySelectorAll('table[aria-label=Executions] tbody tr').length === 5);
  await shoot('executions');

  const session = await (await fetch(`${api.base}/console/api/session`)).json();
  if (session.paths.includes('search')) {
    await page.getByLabel(/^Find/).fill('porto');
    await page.waitForFunction(() => document.querySelectorAll('table[aria-label=Executions] tbody tr').length === 3);
    await page.locator('.excerpt').first().waitFor();
  }

  // What starts appears without a reload.
  await page.goto(machineUrl(slow));
  await page.getByRole('link', { name: 'slow-0' }).waitFor();
  await api.start(slow, {}, 'slow-1');
  await page.getByRole('link', { name: 'slow-1' }).waitFor();
  await page.getByRole('button', { name: 'Start execution' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('[data-state=A][data-status=running]').waitFor();
}
