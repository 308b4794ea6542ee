// A page of a real browser that watches over itself: what it logs as an error, what leaves for another
// host, and what breaks the content security policy make its scenario fail.
import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';

const require = createRequire(new URL('../../console/package.json', import.meta.url));
const { chromium } = require('playwright-core');

export const chromiumPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export async function openBrowser() {
  return chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
}

export class Guard {
  problems = [];
  allowed = [];

  /** Errors that the scenario provokes itself. */
  allow(pattern) {
    this.allowed.push(pattern);
  }

  watch(page, base) {
    const note = (text) => this.problems.push(text);
    page.on('console', (message) => message.type() === 'error' && note(`console: ${message.text()} (${message.location().url})`));
    page.on('pageerror', (error) => note(`page: ${error.stack ?? error.message}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(base) && !url.startsWith('blob:') && !url.startsWith('data:')) {
        note(`a request left the page: ${url}`);
      }
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

  async ended(executionArn) {
    for (;;) {
      const told = await this.call('DescribeExecution', { executionArn });
      if (told.status !== 'RUNNING') {
        return told;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
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
