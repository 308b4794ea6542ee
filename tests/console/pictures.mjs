// The pictures of docs/images, taken from a server of their own:
//   build/gait serve --memory --listen 127.0.0.1:8090 &
//   node tests/console/pictures.mjs http://127.0.0.1:8090 docs/images
import { Api, Guard, editor, executionUrl, machineUrl, node, openBrowser, statusOf, write } from './browser.mjs';

const [base, folder] = process.argv.slice(2);

const orders = {
  Comment: 'Takes an order apart, checks it, and ships each parcel',
  QueryLanguage: 'JSONata',
  StartAt: 'Check the order',
  States: {
    'Check the order': { Type: 'Pass', Output: { items: '{% $states.input.items %}', total: '{% $sum($append([0], $states.input.items.price)) %}' }, Assign: { orderId: '{% $states.input.orderId %}' }, Next: 'Is it large?' },
    'Is it large?': { Type: 'Choice', Choices: [{ Condition: '{% $states.input.total > 1000 %}', Next: 'Ask for approval' }, { Condition: '{% $count($states.input.items) = 0 %}', Next: 'Nothing to do' }], Default: 'Prepare' },
    'Ask for approval': { Type: 'Task', Resource: 'arn:aws:states:us-east-1:123456789012:activity:approval', TimeoutSeconds: 600, Next: 'Prepare' },
    'Nothing to do': { Type: 'Fail', Error: 'EmptyOrder', Cause: 'The order holds no items: there is nothing to ship' },
    Prepare: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Reserve stock', States: { 'Reserve stock': { Type: 'Wait', Seconds: 1, Next: 'Note the shelf' }, 'Note the shelf': { Type: 'Pass', End: true } } },
        { StartAt: 'Print label', States: { 'Print label': { Type: 'Pass', Output: { label: "{% 'L-' & $orderId %}" }, End: true } } },
      ],
      Output: '{% $states.input %}',
      Next: 'Ship each item',
    },
    'Ship each item': {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Is it fragile?',
        States: {
          'Is it fragile?': { Type: 'Choice', Choices: [{ Condition: '{% $states.input.fragile = true %}', Next: 'Wrap it twice' }], Default: 'Pack' },
          'Wrap it twice': { Type: 'Wait', Seconds: 1, Next: 'Pack' },
          Pack: { Type: 'Pass', Output: { packed: '{% $states.input.sku %}' }, Next: 'Is it too heavy?' },
          'Is it too heavy?': { Type: 'Choice', Choices: [{ Condition: "{% $states.input.packed = 'ANVIL' %}", Next: 'Too heavy' }], Default: 'Handed over' },
          'Too heavy': { Type: 'Fail', Error: 'TooHeavy', Cause: 'An anvil wants a lorry' },
          'Handed over': { Type: 'Succeed' },
        },
      },
      Catch: [{ ErrorEquals: ['TooHeavy'], Next: 'Call a lorry' }],
      Next: 'Done',
    },
    'Call a lorry': { Type: 'Pass', Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
};

const nightly = {
  StartAt: 'Import',
  States: {
    Import: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:123456789012:activity:importer', TimeoutSeconds: 1, Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 2 }], Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Clean up' }], Next: 'Report' },
    'Clean up': { Type: 'Pass', Next: 'Report' },
    Report: { Type: 'Wait', Seconds: 1, Next: 'Enough' },
    Enough: { Type: 'Choice', Choices: [{ Variable: '$.rows', NumericGreaterThan: 0, Next: 'Well' }], Default: 'Too little' },
    Well: { Type: 'Succeed' },
    'Too little': { Type: 'Fail', Error: 'NothingImported', Cause: 'The night brought no rows' },
  },
};

const items = [{ sku: 'CUP', price: 12, fragile: true }, { sku: 'PLATE', price: 20, fragile: true }, { sku: 'SPOON', price: 4 }];

async function fill(api) {
  await api.call('CreateActivity', { name: 'approval' });
  await api.call('CreateActivity', { name: 'importer' });
  const shop = await api.machine('order-fulfilment', orders, { tags: [{ key: 'team', value: 'shipping' }] });
  const night = await api.machine('nightly-import', nightly);
  await api.machine('address-lookup', { StartAt: 'Look', States: { Look: { Type: 'Pass', End: true } } }, { type: 'EXPRESS' });
  await api.call('PublishStateMachineVersion', { stateMachineArn: shop });
  const failed = await api.start(night, { rows: 0, day: '2026-11-23' }, 'import-2026-11-23');
  for (let count = 0; count < 24; count++) {
    await api.start(shop, { orderId: `${2000 + count}`, items: count % 6 === 5 ? [] : items.slice(0, 1 + (count % 3)) }, `order-${2000 + count}`);
  }
  await api.start(shop, { orderId: '1004', items: [{ sku: 'PIANO', price: 4000 }] }, 'order-1004-piano');
  const caught = await api.start(shop, { orderId: '1003', items: [{ sku: 'SPOON', price: 4 }, { sku: 'ANVIL', price: 400 }] }, 'order-1003-anvil');
  await Promise.all([failed, caught].map((arn) => api.ended(arn)));
  return { shop, night, failed, caught };
}

const browser = await openBrowser();
try {
  const api = new Api(base);
  const { shop, failed, caught } = await fill(api);
  const open = async (scheme, size = { width: 1280, height: 800 }) => {
    const page = await browser.newPage({ viewport: size, colorScheme: scheme, baseURL: base });
    new Guard().watch(page, base);
    return { page, shoot: (name) => page.screenshot({ path: `${folder}/console-${name}.png` }) };
  };
  const settle = async (page) => {
    await page.waitForFunction(() => !document.querySelector('.loading'));
    await page.waitForTimeout(900);
  };
  {
    const { page, shoot } = await open('light');
    await page.goto('/console/');
    await page.getByRole('table', { name: 'State machines' }).getByText('order-fulfilment').waitFor();
    await settle(page);
    await shoot('machines');
    await page.goto('/console/executions');
    await page.getByRole('link', { name: 'order-1003-anvil' }).waitFor();
    await settle(page);
    await shoot('executions');
    await page.goto(executionUrl(caught, '?state=Ship+each+item&tab=states'));
    await statusOf(page, 'Ship each item', 'caught');
    await settle(page);
    await shoot('execution');
    await page.goto(executionUrl(failed, '?tab=timeline'));
    await page.getByRole('alert').first().waitFor();
    await settle(page);
    await shoot('failure');
    await page.goto(executionUrl(caught, '?tab=state&state=Pack'));
    await page.getByRole('heading', { name: 'Pack' }).waitFor();
    await settle(page);
    await shoot('data');
    await page.goto(machineUrl(shop, '/edit?mode=design'));
    await node(page, 'Is it large?').click();
    await settle(page);
    await shoot('design');
    await page.goto('/console/metrics');
    await page.getByLabel('Throughput').locator('.chart-bar').first().waitFor();
    await settle(page);
    await shoot('metrics');
    await page.goto('/console/test-state');
    await page.getByRole('button', { name: 'Run the state' }).click();
    await page.getByText('Succeeded', { exact: true }).waitFor();
    await settle(page);
    await shoot('test-state');
  }
  {
    const { page, shoot } = await open('dark');
    await page.goto(machineUrl(shop, '/edit'));
    const text = JSON.stringify(orders, null, 2).replace('"Next": "Is it large?"', '"Next": "Is it huge?"');
    await editor(page, 'Definition').waitFor();
    await write(page, 'Definition', text);
    await page.getByRole('log').getByRole('button').first().click();
    await settle(page);
    await shoot('editor');
    await page.goto('/console/playground');
    await page.getByLabel('Result', { exact: true }).last().getByText('49.98').waitFor();
    await settle(page);
    await shoot('playground');
    await page.goto(executionUrl(caught, '?tab=events'));
    await statusOf(page, 'Ship each item', 'caught');
    await settle(page);
    await shoot('events');
  }
  {
    const { page, shoot } = await open('light', { width: 390, height: 844 });
    await page.goto(executionUrl(caught));
    await statusOf(page, 'Ship each item', 'caught');
    await settle(page);
    await shoot('phone');
  }
} finally {
  await browser.close();
}
