// Test state, the playground, activities, map runs and metrics.
import { editor, hasText, typeFast, write } from '../browser.mjs';

export default async function ({ page, api, guard, shoot }) {
  await page.goto('/console/test-state');
  await page.getByRole('button', { name: 'Run the state' }).click();
  await page.getByText('Succeeded', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Arguments', exact: true }).waitFor();
  await page.getByLabel('Output', { exact: true }).getByText('12').waitFor();
  await shoot('test-state');
  await page.getByRole('tab', { name: 'Mocked result' }).click();
  await page.getByLabel('An error in place of a result').check();
  await page.getByLabel('Error name').fill('Lambda.TooManyRequestsException');
  await page.getByRole('button', { name: 'Run the state' }).click();
  await page.getByText('Would be tried again').waitFor();

  await page.goto('/console/playground');
  const result = page.getByRole('region', { name: 'Result', exact: true }).locator('[aria-busy=false]'); // of what is asked now
  await result.getByText('49.98').waitFor();
  await shoot('playground');
  await write(page, 'Expression', '$sum($states.input.orders.price)');
  await result.getByText('62').waitFor();
  await write(page, 'Variables', '{ "x": 40 }');
  await write(page, 'Expression', '$x + 2');
  await result.getByText('42').waitFor();
  for (let round = 0; round < 3; round++) {
    await write(page, 'Expression', '');
    await typeFast(page, '$x + 2 + 2');
    await hasText(editor(page, 'Expression'), /^\$x \+ 2 \+ 2$/); // no letter is lost
  }
  await result.getByText('44').waitFor();
  await write(page, 'Expression', '$x +');
  guard.allow(/400/);
  await result.getByText('States.QueryEvaluationError').waitFor();
  await page.getByRole('button', { name: 'JSONPath' }).click();
  await result.getByText('3').first().waitFor();
  await page.getByRole('button', { name: 'Intrinsic function' }).click();
  await result.getByText('"3 orders"').waitFor();

  await page.goto('/console/activities');
  await page.getByText('No activity yet').waitFor();
  await page.getByLabel('Name').fill('packer');
  await page.getByRole('button', { name: 'New activity' }).click();
  await page.getByRole('table', { name: 'Activities' }).getByText('packer', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete activity packer' }).click();
  await page.getByText('No activity yet').waitFor();

  const machine = await api.machine('counted', { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
  await Promise.all(Array.from({ length: 5 }, () => api.start(machine)));
  await page.goto('/console/metrics');
  await page.getByLabel('Throughput').locator('.chart-bar').first().waitFor();
  await hasText(page.locator('.figures'), /Started\s+5/);
  await shoot('metrics');

  await page.goto('/console/map-runs');
  await page.getByText('No map run yet').waitFor();
}
