// SPDX-License-Identifier: Apache-2.0
// Opens report pages in a browser and says what is seen there, one JSON object per line.
// node page.mjs BROWSER [--shots FOLDER] PAGE...
import { chromium } from 'playwright-core';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [executablePath, ...rest] = process.argv.slice(2);
const shots = rest[0] === '--shots' ? rest.splice(0, 2)[1] : null;
const browser = await chromium.launch({
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** What is on the page, measured inside it. */
const measure = () => {
  const texts = [...document.querySelectorAll('#map svg text')].map((t) => ({ t: t.textContent, r: t.getBoundingClientRect() }));
  const overlaps = [];
  texts.forEach((a, i) => texts.slice(i + 1).forEach((b) => {
    const w = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left), h = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
    if (w > 2 && h > 5) overlaps.push(a.t + ' / ' + b.t);
  }));
  // A colour as the page shows it, and how well text on it can be read (WCAG 2).
  const rgb = (c) => c.match(/[\d.]+/g).slice(0, 3).map(Number);
  const light = (c) => rgb(c).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((s, v, k) => s + v * [0.2126, 0.7152, 0.0722][k], 0);
  const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
  const under = (e) => { for (let p = e; p; p = p.parentElement) { const c = getComputedStyle(p).backgroundColor; if (!/rgba\(.*, 0\)/.test(c) && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
  const readable = ['#verdict .outcome', '#verdict p', '.facts', '.hint', '.path', 'th', 'td', '.trust', '.tag', '.icicle button', 'dt', 'dd', 'summary', 'footer']
    .flatMap((s) => [...document.querySelectorAll(s)].slice(0, 40).filter((e) => e.getClientRects().length && !/color-mix|srgb/.test(under(e)))
      .map((e) => ({ s, ratio: contrast(getComputedStyle(e).color, under(e)) })));
  return {
    frames: document.querySelectorAll('#map .frame').length,
    rows: document.querySelectorAll('tr.row').length,
    legend: document.querySelectorAll('#legend span:not(.group)').length,
    guard: document.querySelectorAll('#map .guard').length,
    icicle: document.querySelectorAll('#icicle button').length,
    headings: [...document.querySelectorAll('h1, h2')].filter((h) => h.getClientRects().length).map((h) => h.textContent),
    scrollWidth: document.documentElement.scrollWidth,
    overlaps,
    nulls: document.body.innerText.split(/\s+/).filter((w) => ['null', 'undefined', 'NaN', '[object'].includes(w)).length,
    contrast: readable.reduce((m, e) => (e.ratio < m.ratio ? e : m), { s: '', ratio: 21 }),
  };
};

// The first page in every combination, the others wide and light, narrow and dark.
for (const file of rest) {
  for (const width of [1280, 400]) {
    for (const colorScheme of ['light', 'dark']) {
      if (file !== rest[0] && (width === 1280) !== (colorScheme === 'light')) continue;
      const errors = [], requests = [];
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) errors.push(m.text()); });
      page.on('pageerror', (e) => errors.push(String(e)));
      page.on('request', (q) => { if (!/^(file|data):/.test(q.url())) requests.push(q.url()); });
      await page.goto(pathToFileURL(file).href);
      const seen = { page: basename(file), width, colorScheme, ...(await page.evaluate(measure)), errors, requests };
      const frames = page.locator('#map .frame');
      if ((await frames.count()) > 1 && (await frames.first().isVisible())) {
        // The largest block can be hit for sure; blocks of a few bytes are lines of a pixel.
        const largest = await frames.evaluateAll((all) => all.map((f) => f.getBoundingClientRect().height).reduce((m, h, i, a) => (h > a[m] ? i : m), 0));
        const index = await frames.nth(largest).getAttribute('data-i');
        await page.locator(`.frame[data-i="${index}"]`).click();
        seen.clicked = Number(index);
        seen.detail = await page.locator('#detail h3').innerText();
        seen.evidence = await page.locator('#detail .evidence tr, #detail .hint').count();
        await page.keyboard.press(Number(index) > 0 ? 'ArrowDown' : 'ArrowUp');
        seen.walked = await page.locator('#detail h3').innerText();
      }
      const row = page.locator('tr.row').first();
      if (await row.count()) {
        await row.focus();
        await page.keyboard.press('Enter');
        seen.rowEvidence = await page.locator('tr.why dl').count();
      }
      const fold = page.locator('button.fold').first();
      if (await fold.count()) {
        const before = await page.locator('tr.row:visible').count();
        await fold.click();
        seen.unfolded = (await page.locator('tr.row:visible').count()) - before;
        await fold.click();
      }
      seen.scrollWidthAfter = await page.evaluate(() => document.documentElement.scrollWidth);
      if (shots) await page.screenshot({ path: join(shots, `${basename(file, '.html')}-${width}-${colorScheme}.png`), fullPage: true });
      if (width === 1280 && colorScheme === 'light') {
        const shown = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        await page.locator('#theme').click();
        seen.themeChanges = shown !== (await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
        seen.printed = (await page.pdf({ format: 'A4', printBackground: true })).length;
      }
      console.log(JSON.stringify(seen));
      await context.close();
    }
  }
}
await browser.close();
