// A page of a real browser that watches over itself: what it logs as an error, what leaves for another
// host, and what breaks the content security policy make its scenario fail.
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

/** How long something may take that must come true; a machine may be as slow as it likes below that. */
export const patienceMs = Number(process.env.GAIT_CONSOLE_PATIENCE_MS ?? 60_000);

const require = createRequire(new URL('../../console/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export async function openBrowser() {
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'], timeout: 4 * patienceMs });
}

/** How many times slower the page's processor is made: GAIT_CONSOLE_SLOWDOWN=6. */
export const slowdown = Math.max(Number(process.env.GAIT_CONSOLE_SLOWDOWN ?? 1), 1);

export async function slowDown(page) {
  if (slowdown > 1) {
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  }
}

/**
 * Gives a function that tells the processor time of the page's main thread, in milliseconds: what others on the machine do
 * adds nothing to it, what slowDown takes does. Source: https://chromedevtools.github.io/devtools-protocol/tot/Performance/
 */
export async function processorClock(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
  };
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Tries again until the check throws nothing; what it threw last when that never happens. Gives what the check gives. */
export async function eventually(check) {
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) {
        throw error;
      }
    }
    await pause(40);
  }
}

/** Waits until so many elements are there. */
export function hasCount(locator, count) {
  return eventually(async () => assert.equal(await locator.count(), count, `${locator} is there so many times`));
}

/** Waits until an element's text fits. */
export function hasText(locator, pattern) {
  return eventually(async () => assert.match(await locator.innerText(), pattern));
}

/** Waits until a field holds the value. */
export function hasValue(field, value) {
  return eventually(async () => assert.equal(await field.inputValue(), value));
}

export function hasAttribute(locator, name, value) {
  return eventually(async () => assert.equal(await locator.getAttribute(name), value, `${name} of ${locator}`));
}

export class Guard {
  problems = [];
  allowed = [];
  open = new Set(); // requests; streams never end

  /** Errors that the scenario provokes itself. */
  allow(pattern) {
    this.allowed.push(pattern);
  }

  watch(page, base) {
    const note = (text) => this.problems.push(text);
    page.on('console', (message) => message.type() === 'error' && note(`console: ${message.text()} (${message.location().url})`));
    page.on('pageerror', (error) => note(`page: ${error.stack ?? error.message}`));
    page.on('requestfinished', (request) => this.open.delete(request));
    page.on('requestfailed', (request) => this.open.delete(request));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith('blob:') && !url.startsWith('data:') && !url.includes('/console/api/events')) {
        this.open.add(request);
      }
      if (!url.startsWith(base) && !url.startsWith('blob:') && !url.startsWith('data:')) {
        note(`a request left the page: ${url}`);
      }
    });
  }

  /** Waits until the page has all that it asked for and has shown it. (The network is never idle where a stream is open.) */
  async settled(page) {
    const idle = () => assert.deepEqual([...this.open].map((request) => request.url()), [], 'everything has been answered');
    await page.locator('.page, .empty').first().waitFor();
    await eventually(async () => {
      idle();
      const loading = await page.evaluate(async () => {
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        return [...document.querySelectorAll('.loading')].map((element) => element.textContent);
      });
      assert.deepEqual(loading, []);
      idle();
    });
  }

  check() {
    assert.deepEqual(this.problems.filter((problem) => !this.allowed.some((pattern) => pattern.test(problem))), []);
  }
}

export class Api {
  constructor(base) {
    this.base = base;
  }

  async call(operation, input) {
    const answer = await fetch(this.base + '/', {
      method: 'POST',
      headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}`, 'Content-Type': 'application/x-amz-json-1.0' },
      body: JSON.stringify(input),
    });
    const body = await answer.json();
    if (!answer.ok) {
      throw new Error(`${operation}: ${body.__type}: ${body.message}`);
    }
    return body;
  }

  async machine(name, definition, more = {}) {
    const made = await this.call('CreateStateMachine', { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::123456789012:role/gait', ...more });
    return made.stateMachineArn;
  }

  async start(stateMachineArn, input = {}, name = undefined) {
    return (await this.call('StartExecution', { stateMachineArn, input: JSON.stringify(input), ...(name ? { name } : {}) })).executionArn;
  }

  activity(name) {
    return this.call('CreateActivity', { name }).then((made) => made.activityArn);
  }

  /** The token of an activity's next task: the scenario is its worker, so that states last until it has seen what it wants. */
  async takeTask(activityArn) {
    for (;;) {
      const { taskToken } = await this.call('GetActivityTask', { activityArn, workerName: 'scenario' });
      if (taskToken) {
        return taskToken;
      }
    }
  }

  async succeedTask(activityArn, output = {}) {
    await this.call('SendTaskSuccess', { taskToken: await this.takeTask(activityArn), output: JSON.stringify(output) });
  }

  async failTask(activityArn, error, cause) {
    await this.call('SendTaskFailure', { taskToken: await this.takeTask(activityArn), error, cause });
  }

  async ended(executionArn) {
    for (;;) {
      const told = await this.call('DescribeExecution', { executionArn });
      if (told.status !== 'RUNNING') {
        return told;
      }
      await pause(50);
    }
  }
}

export function machineUrl(arn, rest = '') {
  return `/console/machines/${encodeURIComponent(arn)}${rest}`;
}

export function executionUrl(arn, rest = '') {
  return `/console/executions/${encodeURIComponent(arn)}${rest}`;
}

/** A state's node in the graph. */
export function node(page, name) {
  return page.locator(`[data-testid=graph] [data-state="${name}"]`);
}

/** Waits until a state's node has this status. */
export async function statusOf(page, name, status) {
  await page.locator(`[data-testid=graph] [data-state="${name}"][data-status="${status}"]`).waitFor();
}

/** The text of a CodeMirror editor, and writing into it. */
export function editor(page, label) {
  return page.locator(`.cm-content[aria-label="${label}"]`);
}

export async function write(page, label, text) {
  await editor(page, label).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

/** Letters that come faster than any answer to them. */
export function typeFast(page, text) {
  return Promise.all([...text].map((letter) => page.keyboard.press(letter === ' ' ? 'Space' : letter)));
}

/** Keeps, in the page, what toasts say: they go away by themselves. */
export function keepToasts() {
  globalThis.toasted = [];
  const keep = (node) => node.classList?.contains('toast') && globalThis.toasted.push(node.textContent);
  new MutationObserver((records) => records.forEach((record) => record.addedNodes.forEach(keep))).observe(document, { childList: true, subtree: true });
}

/** Waits until a toast has said it, whether or not it is still there. */
export function toasted(page, text) {
  return eventually(async () => assert.ok((await page.evaluate(() => globalThis.toasted)).includes(text), `a toast says "${text}"`));
}

/** Keeps, in the page, every text that an element shows from now on; gives a function that tells them. */
export async function keepTexts(locator) {
  const texts = await locator.evaluateHandle((element) => {
    const kept = [element.textContent];
    new MutationObserver(() => kept.push(element.textContent)).observe(element, { childList: true, characterData: true, subtree: true });
    return kept;
  });
  return () => texts.jsonValue();
}
