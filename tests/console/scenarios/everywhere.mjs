// On every page: both themes, the keyboard, names for what can be used, no sideways scrolling on a phone, no jumps.
import { strict as assert } from 'node:assert';
import { executionUrl, machineUrl } from '../browser.mjs';

const nameless = () =>
  [...document.querySelectorAll('button, a[href], input, select, textarea, [role=tab], [role=treegrid]')]
    .filter((element) => element.offsetParent !== null)
    .filter((element) => {
      const label = element.getAttribute('aria-label') || element.getAttribute('title') || element.textContent?.trim() || element.labels?.[0]?.textContent?.trim() || element.getAttribute('aria-labelledby');
      return !label;
    })
    .map((element) => element.outerHTML.slice(0, 160));

/** Text whose contrast with what is behind it is too low (WCAG AA), among what has a plain background. */
const faint = () => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] > 250) {
        return colour;
      }
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('h1, h2, p, td, th, dt, dd, .faint, .soft, .button, .side-link, .badge, .tab, label')]
    .filter((element) => element.offsetParent !== null && element.textContent?.trim() && !element.matches(':disabled'))
    .map((element) => {
      const a = light(rgb(getComputedStyle(element).color));
      const b = light(behind(element));
      return { ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), text: element.textContent.trim().slice(0, 40), class: element.className };
    })
    .filter(({ ratio }) => ratio < 4.5)
    .map(({ ratio, text, class: name }) => `${ratio.toFixed(2)} ${name}: ${text}`);
};

/** The network is never idle where a stream is open: nothing says "Loading" any more. */
async function settled(page) {
  await page.locator('.page, .empty').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading'));
  await page.waitForTimeout(150);
}

export default async function ({ page, api, shoot }) {
  const long = 'a-name-that-is-as-long-as-names-may-be-which-is-eighty-characters-in-all-0123456';
  const machine = await api.machine(long, { StartAt: 'S'.repeat(80), States: { ['S'.repeat(80)]: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'E'.repeat(200), Cause: 'c'.repeat(3000) } } });
  const execution = await api.start(machine, { text: 'x'.repeat(200_000) }, long);
  await api.ended(execution);
  const pages = ['/console/', '/console/machines/new', '/console/machines/new?mode=design', machineUrl(machine), machineUrl(machine, '?tab=definition'), machineUrl(machine, '/edit?mode=design'), '/console/executions', executionUrl(execution), executionUrl(execution, '?tab=events'), executionUrl(execution, '?tab=timeline'), executionUrl(execution, '?tab=io'), '/console/activities', '/console/map-runs', '/console/metrics', '/console/playground', '/console/test-state', '/console/nowhere'];
  await page.addInitScript(() => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift', buffered: true });
  });
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const path of pages) {
      await page.goto(path);
      await settled(page);
      const shift = await page.evaluate(() => globalThis.shift);
      assert.ok(shift < 0.1, `${path} jumps while it loads: ${shift}`);
      assert.deepEqual(await page.evaluate(nameless), [], `${path}: everything that can be used has a name`);
      assert.deepEqual(await page.evaluate(faint), [], `${path}, ${scheme}: text can be read`);
    }
  }

  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of pages) {
    await page.goto(path);
    await settled(page);
    const sideways = await page.evaluate(() => document.querySelector('.main').scrollWidth - document.querySelector('.main').clientWidth);
    assert.ok(sideways <= 0, `${path} is ${sideways} pixels too wide for a phone`);
  }
  await page.goto(executionUrl(execution));
  await settled(page);
  await shoot('phone');
  await page.setViewportSize({ width: 1280, height: 800 });

  // The theme that was chosen stays.
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/console/');
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await page.reload();
  await settled(page);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');

  // By keyboard alone: the skip link, the list, the tabs.
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the page');
  await page.keyboard.press('Enter');
  await page.goto(machineUrl(machine));
  await page.getByRole('tab', { name: 'Executions' }).focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.getByRole('tab', { name: 'Definition' }).getAttribute('aria-selected'), 'true');
}
