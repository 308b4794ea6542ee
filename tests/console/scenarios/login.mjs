// Where credentials are configured, the page asks for an access key, and every request is signed.
import { strict as assert } from 'node:assert';
import { eventually } from '../browser.mjs';

export default async function ({ page, guard, base }) {
  const refused = await fetch(`${base}/`, { method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.ListStateMachines' }, body: '{}' });
  assert.equal(refused.status, 400, 'an unsigned request is refused');
  guard.allow(/400/);
  await page.goto('/');
  await page.getByRole('heading', { name: 'Sign in to Gait' }).waitFor();
  await page.getByLabel('Access key ID').fill('AKIACONSOLE');
  await page.getByLabel('Secret access key').fill('not the secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText(/InvalidSignature/).waitFor();
  await page.getByLabel('Access key ID').fill('AKIACONSOLE');
  await page.getByLabel('Secret access key').fill("a secret of the console's tests");
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'No state machine yet' }).waitFor();

  const bodies = [];
  page.on('request', (request) => bodies.push(`${JSON.stringify(request.headers())}${request.postData() ?? ''}`));
  await page.goto('/console/machines/new');
  await page.getByText('No problems').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('signed – ünïcode');
  await page.getByLabel('Name', { exact: true }).fill('signed');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'signed' }).waitFor();
  await eventually(() => assert.ok(bodies.some((text) => text.includes('AWS4-HMAC-SHA256'))));
  assert.ok(!bodies.some((text) => text.includes("a secret of the console's tests")), 'the secret never leaves the page');

  await page.reload();
  await page.getByRole('heading', { name: 'signed' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to Gait' }).waitFor();
}
