import { AxeBuilder } from "@axe-core/playwright";
import OpenAI from "openai";

import { expect, test } from "../support/test";

// The page of a key: what it does, live and over time, and what was done to it.
test.describe.configure({ mode: "serial" });

const name = "watched-key";
let address = "";
let secret = "";

test("a key that was never used says so, and who made it", async ({ page }) => {
  await page.goto("/keys/new");
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `${name} is ready` })).toBeVisible();
  secret = await page.locator("[data-secret]").innerText();
  await page.getByRole("link", { name: "I have stored it" }).click();
  await expect(page).toHaveURL(/\/keys\/key_/);
  address = new URL(page.url()).pathname;
  await expect(page.getByText("No calls yet")).toBeVisible();
  const history = page.getByRole("region", { name: "History", exact: true });
  await expect(history.getByText("Created the key")).toBeVisible();
  await expect(history.getByText(`Name: ${name}`)).toBeVisible();
});

test("its calls appear by themselves, in figures, chart and list", async ({ page }) => {
  await page.goto(address);
  const today = page.getByRole("link", { name: "Calls today" });
  await expect(today).toContainText("0");
  const client = new OpenAI({ apiKey: secret, baseURL: `${process.env.TURNPIKE_URL}/v1`, maxRetries: 0 });
  await client.chat.completions.create({ model: "sandbox/small", messages: [{ role: "user", content: "Hello!" }] });
  await expect(today).toContainText("1");
  await expect(page.getByRole("region", { name: "Recent calls" }).first()).toContainText("small");
  const usage = page.getByRole("region", { name: "Usage", exact: true });
  await expect(usage.getByText("Answered 1")).toBeVisible();
  await expect(usage.getByText("Failed 0")).toBeVisible();
});

test("range and measure stand in the address", async ({ page }) => {
  await page.goto(address);
  const usage = page.getByRole("region", { name: "Usage", exact: true });
  await expect(usage.getByRole("img", { name: "Calls of the last 24 hours" })).toBeVisible();
  await usage.getByRole("link", { name: "30 d" }).click();
  await expect(page).toHaveURL(/range=30d/);
  await expect(usage.getByRole("img", { name: "Calls of the last 30 days" })).toBeVisible();
  await usage.getByText("Show as table").click();
  await expect(usage.getByRole("row")).toHaveCount(31);
  await usage.getByRole("link", { name: "Cost" }).click();
  await expect(page).toHaveURL(/range=30d/);
  await expect(page).toHaveURL(/show=cost/);
  await expect(usage.getByText(/^Cost \$/)).toBeVisible();
  await page.reload();
  await expect(usage.getByRole("img", { name: "Cost of the last 30 days" })).toBeVisible();
});

test("what is done to it is in its history at once, and older entries are a page away", async ({ page }) => {
  await page.goto(address);
  const history = page.getByRole("region", { name: "History", exact: true });
  for (let round = 0; round < 5; round++) {
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await expect(history.getByText("Disabled the key").first()).toBeVisible();
    await page.getByRole("button", { name: "Enable", exact: true }).click();
    await expect(page.getByRole("button", { name: "Disable", exact: true })).toBeVisible();
  }
  await expect(history.getByText("Status: disabled → active")).toHaveCount(5);
  await expect(history.getByText("Created the key")).toHaveCount(0);
  await history.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(history.getByText("Created the key")).toBeVisible();
});

for (const theme of ["light", "dark"] as const) {
  test(`it is accessible and fits a phone (${theme})`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(address);
      await expect(page.getByRole("region", { name: "History", exact: true })).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
      expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
}

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the page is whole, and its links lead on", async ({ page }) => {
    await page.goto(`${address}?range=7d`);
    await expect(page.getByText("Answered 1")).toBeVisible();
    const history = page.getByRole("region", { name: "History", exact: true });
    await history.getByRole("link", { name: "Next" }).click();
    await expect(history.getByText("Created the key")).toBeVisible();
    await page.getByRole("link", { name: "Cost", exact: true }).click();
    await expect(page).toHaveURL(/show=cost/);
  });
});
