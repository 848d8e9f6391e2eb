import type { Page } from "@playwright/test";

import { startTurnpike, type Turnpike } from "../support/server";
import { expect, test } from "../support/test";

// The keys workspace with as many keys as a company has: what it takes to find some, and to change many.
test.describe.configure({ mode: "serial" });
test.use({ storageState: { cookies: [], origins: [] } });

const keys = 5_000;
let turnpike: Turnpike;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  turnpike = await startTurnpike({ demo: { keys, calls: 2_000 } });
});
test.afterAll(() => turnpike?.stop());

test.beforeEach(async ({ page }) => {
  await page.goto(`${turnpike.url}/login`);
  await page.getByLabel("E-mail").fill(turnpike.email);
  await page.getByLabel("Password", { exact: true }).fill(turnpike.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
});

/** Opens the keys with these parameters and waits until WASM has taken the page over. */
async function open(page: Page, query: string) {
  await page.goto(`${turnpike.url}/keys?${query}`);
  const field = page.getByRole("combobox", { name: "Search or jump to" });
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(field).toBeHidden();
}

const rows = (page: Page) => page.getByRole("row").filter({ has: page.getByRole("rowheader") });
const names = (page: Page) => page.getByRole("rowheader").allInnerTexts();

/** Counts what a person clicks from here on, on this page. */
async function countClicks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counting = window as unknown as { clicks: number };
    counting.clicks = 0;
    addEventListener("click", (event) => { counting.clicks += event.isTrusted && event.detail > 0 ? 1 : 0; }, { capture: true });
  });
  return () => page.evaluate(() => (window as unknown as { clicks: number }).clicks);
}

test("the pages of an order follow each other without gap or repeat", async ({ page }) => {
  await open(page, "sort=name&view=all");
  const seen = await names(page);
  for (let turn = 0; turn < 3; turn++) {
    await page.getByRole("link", { name: "Next" }).click();
    await expect(rows(page).first()).not.toContainText(seen.at(-1) ?? "");
    await expect.poll(async () => (await names(page))[0]).not.toBe(seen.at(-50));
    seen.push(...(await names(page)));
  }
  expect(seen.length).toBe(200);
  expect(new Set(seen).size).toBe(seen.length);
});

test("fifty keys are disabled with a tenth of the clicks that one after the other takes", async ({ page }) => {
  await open(page, "status=active&environment=test&view=all");
  const one = await countClicks(page);
  const name = (await names(page))[0] ?? "";
  const begun = Date.now();
  await page.getByRole("button", { name: `Actions for ${name.split("\n")[0]}` }).first().click();
  await page.getByRole("menu").or(page.locator("[popover]")).getByRole("button", { name: "Disable" }).first().click();
  await expect(rows(page).first()).not.toContainText(name.split("\n")[0] ?? "");
  const [oneByOne, oneTook] = [50 * (await one()), 50 * (Date.now() - begun)];
  await open(page, "status=active&environment=test&view=all");
  const many = await countClicks(page);
  const begunMany = Date.now();
  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  await page.getByRole("group", { name: "Selected rows" }).getByRole("button", { name: "Disable…" }).click();
  const dialog = page.getByRole("dialog", { name: "Disable 50 keys" });
  await dialog.getByRole("button", { name: "Disable", exact: true }).click();
  await expect(dialog.getByText("50 done, 0 left alone, 0 failed.")).toBeVisible();
  const clicks = await many();
  const took = Date.now() - begunMany;
  const description = `${clicks} clicks, ${took} ms; one by one ${oneByOne} clicks, ${oneTook} ms`;
  test.info().annotations.push({ type: "50 keys", description });
  console.log(`      50 keys disabled: ${description}`);
  expect(clicks * 10).toBeLessThanOrEqual(oneByOne);
});

test("all that match are labelled by a job that goes on while its asker does something else", async ({ page }) => {
  await open(page, "environment=live&status=active,disabled&view=all");
  const said = await page.getByText(/^50 of [\d,]+ keys$/).innerText();
  const matching = Number(said.replace("50 of", "").replace(/\D/g, ""));
  expect(matching).toBeGreaterThan(1_000);
  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  await page.getByRole("button", { name: /^Select all [\d,]+/ }).click();
  await page.getByRole("button", { name: "More to do with the chosen keys" }).click();
  await page.getByRole("button", { name: "Add labels…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Labels").fill("audited=2026");
  await dialog.getByRole("button", { name: "See what would change" }).click();
  await expect(dialog.getByText(/[\d,]+ keys will change/)).toBeVisible();
  await dialog.getByRole("button", { name: "Relabel", exact: true }).click();
  await expect(dialog.getByText(/done/).first()).toBeVisible();
  await page.goto(`${turnpike.url}/jobs`);
  await expect(page.getByRole("row", { name: /^Label / }).getByText("Done")).toBeVisible({ timeout: 30_000 });
  await open(page, "label=audited%3D2026&view=all");
  await expect(page.getByText(`50 of ${matching.toLocaleString("en-US")} keys`)).toBeVisible();
});

test("nothing moves while the list loads and is worked with, and an answer is drawn at once", async ({ page }) => {
  await page.addInitScript(() => {
    const watched = window as unknown as { shift: number; slowest: number };
    [watched.shift, watched.slowest] = [0, 0];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
        watched.shift += entry.hadRecentInput ? 0 : entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { interactionId: number; duration: number }[])
        if (entry.interactionId > 0) watched.slowest = Math.max(watched.slowest, entry.duration);
    }).observe({ type: "event", durationThreshold: 16, buffered: true } as PerformanceObserverInit);
  });
  await open(page, "view=all");
  await page.getByRole("columnheader", { name: "Name" }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=name/);
  await page.getByRole("searchbox").fill("staging");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=staging/);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.keyboard.press("Escape");
  for (let at = 0; at < 5; at++) await rows(page).nth(at).getByRole("checkbox").click();
  await page.waitForTimeout(300);
  const { shift, slowest } = await page.evaluate(() => {
    const { shift, slowest } = window as unknown as { shift: number; slowest: number };
    return { shift, slowest };
  });
  test.info().annotations.push({ type: "slowest interaction to next paint", description: `${slowest} ms` });
  console.log(`      slowest interaction to next paint: ${slowest} ms; layout shift: ${shift}`);
  expect(shift).toBeLessThan(0.01);
});

test("columns are dragged to their places", async ({ page }) => {
  await open(page, "view=all");
  await page.getByRole("button", { name: "Columns" }).click();
  const line = (name: string) => page.getByRole("listitem").filter({ has: page.getByRole("checkbox", { name, exact: true }) });
  await line("Owner").dragTo(line("Status"));
  await expect(page).toHaveURL(/columns=owner%2Cstatus|columns=owner,status/);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("keys are found and changed without scrolling sideways", async ({ page }) => {
    await open(page, "sort=-cost&view=all");
    await page.getByRole("searchbox").fill("staging");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/q=staging/);
    await page.getByRole("checkbox", { name: "Select all on this page" }).click();
    await expect(page.getByRole("group", { name: "Selected rows" })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
