// One scenario against a server that runs:  node run.mjs SCENARIO BASE_URL [SCREENSHOT_FOLDER]
import { Api, Guard, keepToasts, openBrowser, patienceMs, slowDown } from './browser.mjs';

const [name, base, pictures] = process.argv.slice(2);
const { default: scenario } = await import(`./scenarios/${name}.mjs`);
const browser = await openBrowser();
const guard = new Guard();
let page;
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, baseURL: base, acceptDownloads: true });
  context.setDefaultTimeout(patienceMs);
  await context.addInitScript(keepToasts);
  page = await context.newPage();
  guard.watch(page, base);
  await slowDown(page);
  await scenario({ page, context, guard, base, api: new Api(base), shoot: (file) => (pictures ? page.screenshot({ path: `${pictures}/${file}.png` }) : undefined) });
  guard.check();
} catch (error) {
  console.error(error.stack ?? error);
  console.error('The page shows:', (await page?.locator('body').innerText().catch(() => ''))?.slice(0, 1500));
  console.error('It noted:', guard.problems);
  process.exitCode = 1;
} finally {
  await browser.close();
}
