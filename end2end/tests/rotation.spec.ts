import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, refused, test } from "../support/test";

// Rotations that are due: asked for, found, reminded of and collected. And limits that are set for many keys.
test.describe.configure({ mode: "serial" });
test.use({ expected: [refused] });

const names = ["due one", "due two"];
const ids: string[] = [];

/** Asks the management API, as the signed-in browser that the page is. */
async function post(page: Page, path: string, data: object): Promise<Record<string, any>> {
  const headers = { origin: process.env.TURNPIKE_URL ?? "", "sec-fetch-site": "same-origin" };
  const answer = await page.request.post(`/api/v1/${path}`, { data, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.json();
}

/** Opens the list with the keys of this file alone, chooses them, and opens what more can be done with them. */
async function choose(page: Page, act: string) {
  await page.goto("/keys?q=due+");
  await expect(async () => {
    await page.getByRole("checkbox", { name: "Select all on this page" }).check();
    await expect(page.getByRole("group", { name: "Selected rows" })).toContainText("All 2 selected", { timeout: 500 });
  }).toPass();
  await page.getByRole("button", { name: "More to do with the chosen keys" }).click();
  await page.getByRole("button", { name: act }).click();
}

async function quietAndWhole(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  const overflows = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(overflows).toBe(false);
}

test("a rotation is asked for, for many keys at once", async ({ page }) => {
  const end = new Date(Date.now() + 5 * 86_400_000).toISOString();
  for (const name of names) {
    ids.push((await post(page, "keys", { name, environment: "test", expires_at: end })).id);
  }
  await choose(page, "Ask for rotation…");
  const dialog = page.getByRole("dialog", { name: "Ask for rotation of 2 keys" });
  await expect(dialog.getByText("2 keys will change.")).toBeVisible();
  await expect(dialog.getByText("They go on working")).toBeVisible();
  await dialog.getByRole("button", { name: "Ask for rotation" }).click();
  await expect(dialog.getByText("2 done, 0 left alone, 0 failed.")).toBeVisible();
  await page.goto("/keys?rotation=due&q=due+");
  await expect(page.getByRole("row", { name: /due (one|two)/ })).toHaveCount(2);
  await expect(page.getByRole("row", { name: /due one/ }).getByText("Rotation due")).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  test(`the Overview reminds of it and of ends, on a phone too, ${theme}`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/");
    await expect(page.getByRole("link", { name: /keys expire in the next 14 days$/ })).toBeVisible();
    await quietAndWhole(page);
    await page.getByRole("link", { name: /rotations? (is|are) due$/ }).click();
    await expect(page).toHaveURL(/\/keys\?rotation=due$/);
    await page.getByRole("link", { name: /^due one/ }).click();
    await expect(page.getByText("The rotation of this key is due since")).toBeVisible();
    await quietAndWhole(page);
  });
}

test("the new secret is collected, and nothing is due any more", async ({ page }) => {
  await page.goto(`/keys/${ids[0]}`);
  await page.getByRole("button", { name: "Collect new secret…" }).click();
  await page.getByRole("button", { name: "Rotate key" }).click();
  await expect(page.getByRole("heading", { name: "The new secret" })).toBeVisible();
  await page.getByRole("link", { name: "I have stored it" }).click();
  await expect(page.locator("[data-secret]")).toHaveCount(0);
  await expect(page.getByText("The rotation of this key is due since")).toHaveCount(0);
  await page.goto("/keys?rotation=overlap&q=due+");
  await expect(page.getByRole("row", { name: /due one/ })).toBeVisible();
  await expect(page.getByRole("row", { name: /due two/ })).toHaveCount(0);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("it is collected, too", async ({ page }) => {
    await page.goto(`/keys/${ids[1]}?ask=rotate`);
    await expect(page.getByText("The rotation of this key is due since")).toBeVisible();
    await page.getByRole("button", { name: "Rotate key" }).click();
    await expect(page.getByRole("heading", { name: "The new secret" })).toBeVisible();
    await expect(page.getByText("The rotation of this key is due since")).toHaveCount(0);
  });
});

test("a limit is set for many keys at once", async ({ page }) => {
  await choose(page, "Set a limit…");
  const dialog = page.getByRole("dialog", { name: "Limit 2 keys" });
  await dialog.getByLabel("Amount").fill("none");
  await dialog.getByRole("button", { name: "See what would change" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Give a whole number");
  await dialog.getByLabel("Amount").fill("25");
  await dialog.getByRole("button", { name: "See what would change" }).click();
  await expect(dialog.getByText("2 keys will change.")).toBeVisible();
  await dialog.getByRole("button", { name: "Set a limit" }).click();
  await expect(dialog.getByText("2 done, 0 left alone, 0 failed.")).toBeVisible();
  const limits = await (await page.request.get(`/api/v1/limits?key=${ids[0]}`)).json();
  expect(limits.data.map((limit: { amount: number }) => limit.amount)).toEqual([25]);
});
