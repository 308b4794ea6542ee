// On every page: both themes, the keyboard, names for what can be used, no sideways scrolling on a phone, no jumps.
import { strict as assert } from 'node:assert';
import { eventually, executionUrl, hasAttribute, machineUrl } from '../browser.mjs';

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

/** Adds up how far the page jumps while it loads; runs in the page. */
const watchShifts = () => {
  let sum = 0;
  const add = (entries) => entries.forEach((entry) => (sum += entry.hadRecentInput ? 0 : entry.value));
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ type: 'layout-shift', buffered: true });
  globalThis.shifted = () => {
    add(observer.takeRecords());
    return sum;
  };
};

export default async function ({ page, api, guard, shoot }) {
  const open = async (path) => {
    await page.goto(path);
    await guard.settled(page);
  };
  const long = 'a-name-that-is-as-long-as-names-may-be-which-is-eighty-characters-in-all-0123456';
  const machine = await api.machine(long, { StartAt: 'S'.repeat(80), States: { ['S'.repeat(80)]: { Type: 'Pass', Next: 'F' }, F: { Type: 'Fail', Error: 'E'.repeat(200), Cause: 'c'.repeat(3000) } } });
  const execution = await api.start(machine, { text: 'x'.repeat(200_000) }, long);
  await api.ended(execution);
  const pages = ['/console/', '/console/machines/new', '/console/machines/new?mode=design', machineUrl(machine), machineUrl(machine, '?tab=definition'), machineUrl(machine, '/edit?mode=design'), '/console/executions', executionUrl(execution), executionUrl(execution, '?tab=events'), executionUrl(execution, '?tab=timeline'), executionUrl(execution, '?tab=io'), '/console/activities', '/console/map-runs', '/console/metrics', '/console/playground', '/console/test-state', '/console/nowhere'];
  await page.addInitScript(watchShifts);
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const path of pages) {
      await open(path);
      const shift = await page.evaluate(() => globalThis.shifted());
      assert.ok(shift < 0.1, `${path} jumps while it loads: ${shift}`);
      await eventually(async () => {
        assert.deepEqual(await page.evaluate(nameless), [], `${path}: everything that can be used has a name`);
        assert.deepEqual(await page.evaluate(faint), [], `${path}, ${scheme}: text can be read`);
      });
    }
  }

  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of pages) {
    await open(path);
    await eventually(async () => {
      const sideways = await page.evaluate(() => document.querySelector('.main').scrollWidth - document.querySelector('.main').clientWidth);
      assert.ok(sideways <= 0, `${path} is ${sideways} pixels too wide for a phone`);
    });
  }
  await open(executionUrl(execution));
  await shoot('phone');
  await page.setViewportSize({ width: 1280, height: 800 });

  // The theme that was chosen stays.
  await page.emulateMedia({ colorScheme: 'light' });
  await open('/console/');
  await page.getByRole('button', { name: 'Use the dark theme' }).click();
  await page.getByRole('button', { name: 'Use the light theme' }).waitFor();
  await page.reload();
  await guard.settled(page);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');

  // By keyboard alone: the skip link, the list, the tabs.
  const focused = (selector) => page.locator(`${selector}:focus`).waitFor();
  await page.keyboard.press('Tab');
  await focused('a.skip');
  await page.keyboard.press('Enter');
  await focused('main');
  await page.goto(machineUrl(machine));
  await page.getByRole('tab', { name: 'Executions' }).focus();
  await page.keyboard.press('ArrowRight');
  await hasAttribute(page.getByRole('tab', { name: 'Definition' }), 'aria-selected', 'true');
  await focused('[role=tab][aria-selected=true]');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight'); // at once: each moves on from where the focus is
  await hasAttribute(page.getByRole('tab', { name: /Aliases/ }), 'aria-selected', 'true');
  await focused('[role=tab][aria-selected=true]');
}
