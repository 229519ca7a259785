// Opens pages from the disk in Chromium and fails where one asks for anything else, writes to the console, breaks a rule
// of axe-core in light or dark, or is no valid HTML; and where the buttons that copy tables do not.
// usage: node check_page.mjs PAGE...
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(join(process.cwd(), 'package.json'));
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');
const axe = readFileSync(join(dirname(require.resolve('axe-core')), 'axe.min.js'), 'utf8');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const validator = new HtmlValidate({ extends: ['html-validate:recommended'] });
let faults = 0;
const fault = text => { console.error(text); ++faults; };

for (const path of process.argv.slice(2)) {
  const url = pathToFileURL(path).href;
  const context = await browser.newContext({ bypassCSP: true });  // the rules of axe-core come from outside
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  page.on('request', request => { if (request.url() !== url) fault(`${path}: asks for ${request.url()}`); });
  page.on('console', message => fault(`${path}: console: ${message.text()}`));
  page.on('pageerror', error => fault(`${path}: ${error}`));
  await page.goto(url);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe);
    for (const broken of (await page.evaluate(() => axe.run())).violations) {
      fault(`${path}: ${colorScheme}: ${broken.id}: ${broken.help}: ${broken.nodes[0].html}`);
    }
  }
  const button = page.locator('button[data-as=csv]').first();
  if (await button.count() > 0) {
    await button.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('said').textContent !== '');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const id = await button.getAttribute('data-table');
    const first = await page.locator(`#${id} tr`).first().locator('th').allTextContents();
    if (!copied.startsWith(first.join(','))) fault(`${path}: the button copies '${copied.slice(0, 80)}'`);
  }
  if (process.env.PICTURES) await page.screenshot({ path: `${path}.png`, fullPage: true });
  const report = await validator.validateFile(path);
  for (const file of report.results)
    for (const message of file.messages) fault(`${path}:${message.line}: ${message.ruleId}: ${message.message}`);
  await context.close();
}
await browser.close();
console.log(faults === 0 ? `web: ${process.argv.length - 2} pages: clean` : `web: ${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;
