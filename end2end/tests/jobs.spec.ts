import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "../support/test";

/** Asks the management API, as the signed-in browser that the page is. */
async function post(page: Page, path: string, data: object): Promise<Record<string, any>> {
  const headers = { origin: process.env.TURNPIKE_URL ?? "", "sec-fetch-site": "same-origin" };
  const answer = await page.request.post(`/api/v1/${path}`, { data, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.json();
}

test("a job is followed to its end, read key by key, exported and undone", async ({ page }) => {
  const ids: string[] = [];
  for (const name of ["bulk one", "bulk two", "bulk three"]) {
    ids.push((await post(page, "keys", { name, environment: "test" })).id);
  }
  await post(page, `keys/${ids[1]}/disable`, {});
  const job = await post(page, "keys/bulk", { action: { type: "disable" }, ids });
  await page.goto("/jobs");
  await page.getByRole("row", { name: /Disable 3 keys/ }).getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/jobs/${job.id}$`));
  const facts = page.getByRole("definition");
  await expect(facts.first()).toHaveText("Done");
  const outcomes = page.getByRole("navigation", { name: "Outcome" });
  await outcomes.getByRole("link", { name: "Skipped" }).click();
  await expect(page).toHaveURL(/outcome=skipped/);
  const keys = page.getByRole("table", { name: "" }).getByRole("row");
  await expect(keys).toHaveCount(2);
  await expect(keys.nth(1)).toContainText("bulk two");
  await expect(keys.nth(1)).toContainText("It is disabled already.");

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  expect((await download).suggestedFilename()).toBe(`${job.id}.csv`);

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Undo: disable 2 keys");
  // The third was not changed, so there is nothing to take back.
  await expect(facts.first()).toHaveText("Done");
  await expect(page.getByText("in a moment")).toHaveCount(0);
  await expect(page.getByRole("row", { name: /bulk/ })).toHaveCount(2);
  await page.getByRole("link", { name: "bulk one" }).click();
  await expect(page).toHaveURL(new RegExp(`/keys/${ids[0]}`));
  await expect(page.getByText("Active", { exact: true }).first()).toBeVisible();
  const undone = await (await page.request.get(`/api/v1/keys/${ids[1]}`)).json();
  expect(undone.status, "what the job did not change stays").toBe("disabled");
});

for (const theme of ["light", "dark"]) {
  test(`a job is accessible on a phone, ${theme}`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/jobs");
    await page.getByRole("row", { name: /Disable 3 keys/ }).last().getByRole("link").click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Disable 3 keys/);
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
    const overflows = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    expect(overflows).toBe(false);
  });
}
