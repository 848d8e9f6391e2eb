import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "../support/test";

// Keys are found by what they may call, by how near they are to their budgets, and in the order of whose they are.

/** Asks the management API, as the signed-in browser that the page is. */
async function post(page: Page, path: string, data: object): Promise<Record<string, any>> {
  const headers = { origin: process.env.TURNPIKE_URL ?? "", "sec-fetch-site": "same-origin" };
  const answer = await page.request.post(`/api/v1/${path}`, { data, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.json();
}

const rows = (page: Page) => page.getByRole("row").filter({ has: page.getByRole("rowheader") });

test("keys are found by the models that they may call", async ({ page }) => {
  const keys: [string, string[]][] = [["reach small", ["sandbox/small"]], ["reach all", []], ["reach none", ["gpt-4o"]]];
  for (const [name, models] of keys) {
    await post(page, "keys", { name, environment: "test", rules: { models } });
  }
  await page.goto("/keys?q=reach&sort=name");
  await expect(rows(page)).toHaveCount(3);
  await expect(async () => {
    await page.getByRole("button", { name: "Add filter" }).click();
    await expect(page.getByRole("button", { name: "May call" })).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.getByRole("button", { name: "May call" }).click();
  await page.getByPlaceholder("Search…").fill("small");
  await page.getByRole("checkbox", { name: "sandbox/small", exact: true }).check();
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((v) => v.id)).toEqual([]);
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page).toHaveURL(/model=sandbox%2Fsmall/);
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText("reach all");
});

test("keys that have nearly spent a budget of their own are found", async ({ page }) => {
  const key = await post(page, "keys", { name: "thrifty", environment: "test" });
  await post(page, "budgets", { scope: { key: key.id }, environment: "test", period: "day", amount: "5" });
  await page.goto("/keys?q=thrifty&near_limit=yes");
  await expect(page.getByText("No key matches")).toBeVisible();
  await page.goto("/keys?q=thrifty&near_limit=no");
  await expect(rows(page)).toHaveCount(1);
  await expect(page.getByText("Near its budget")).toBeVisible();
});

test("keys are ordered by their owners, teams and templates", async ({ page }) => {
  await post(page, "keys", { name: "ordered one", environment: "test" });
  await post(page, "keys", { name: "ordered two", environment: "test" });
  await page.goto("/keys?q=ordered&columns=name,owner,team,template");
  for (const [header, sort] of [["Owner", "owner"], ["Team", "team"], ["Template", "template"]] as const) {
    await page.getByRole("columnheader", { name: header }).getByRole("link").click();
    await expect(page).toHaveURL(new RegExp(`sort=-?${sort}`));
    await expect(rows(page)).toHaveCount(2);
    await expect(page.getByRole("columnheader", { name: header })).toHaveAttribute("aria-sort", /ascending|descending/);
  }
});
