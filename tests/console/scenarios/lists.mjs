// The lists: state machines by name and type, with counts; executions by status, name and time, kept up to date.
import { hasCount, hasText, hasValue, machineUrl, typeFast } from '../browser.mjs';

const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const fail = { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Bad' } } };
const wait = { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 100_000, End: true } } };

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
  await hasCount(table.getByRole('row'), 2);
  await page.getByLabel('Find a state machine').fill('');
  await page.getByRole('button', { name: 'Express' }).click();
  await table.getByRole('link', { name: 'quick-one' }).waitFor();
  await hasCount(table.getByRole('row'), 2);
  await page.getByRole('button', { name: 'All' }).click();
  await table.getByRole('button', { name: 'Name' }).click();
  await hasText(table.getByRole('row').nth(1), /bad-one/);

  await page.getByRole('link', { name: 'Executions' }).click();
  const rows = page.locator('table[aria-label=Executions] tbody tr');
  await hasCount(rows, 5);
  await page.getByLabel('Status', { exact: true }).selectOption('FAILED');
  await hasCount(rows, 1);
  await hasText(rows, /bad-0/);
  await page.waitForURL(/status=FAILED/);
  await page.getByRole('button', { name: 'Clear' }).click();
  await hasCount(rows, 5);
  await page.getByLabel(/^Find/).click();
  await typeFast(page, 'good-1');
  await hasCount(rows, 1);
  await page.waitForURL(/q=good-1$/);
  await hasValue(page.getByLabel(/^Find/), 'good-1');
  await page.getByRole('link', { name: 'Executions' }).click(); // all of them again
  await hasCount(rows, 5);
  await hasValue(page.getByLabel(/^Find/), '');
  await page.goBack();
  await hasCount(rows, 1);
  await hasValue(page.getByLabel(/^Find/), 'good-1');
  await page.getByLabel(/^Find/).fill('');
  await page.getByLabel('Started').selectOption('1h');
  await hasCount(rows, 5);
  await shoot('executions');

  const session = await (await fetch(`${api.base}/console/api/session`)).json();
  if (session.paths.includes('search')) {
    await page.getByLabel(/^Find/).fill('porto');
    await hasCount(rows, 3);
    await page.locator('.excerpt').first().waitFor();
  }

  // Page after page.
  const many = await api.machine('many-one', pass);
  await Promise.all(Array.from({ length: 60 }, (_, index) => api.start(many, {}, `many-${index}`)));
  await page.goto(machineUrl(many));
  await hasCount(rows, 50);
  await page.getByRole('button', { name: 'Show more' }).click();
  await hasCount(rows, 60);
  await hasCount(page.getByRole('button', { name: 'Show more' }), 0);

  // What starts appears without a reload.
  await page.goto(machineUrl(slow));
  await page.getByRole('link', { name: 'slow-0' }).waitFor();
  await api.start(slow, {}, 'slow-1');
  await page.getByRole('link', { name: 'slow-1' }).waitFor();
  await page.getByRole('button', { name: 'Start execution' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('[data-state=A][data-status=running]').waitFor();
}
