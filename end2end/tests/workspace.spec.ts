import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "../support/test";

// The keys workspace: filters, saved views, orders, and bulk work that is tried out, done and undone.

const hostile = `<img src=x onerror="alert(1)">`;

/** Asks the management API, as the signed-in browser that the page is. */
async function post(page: Page, path: string, data: object): Promise<Record<string, any>> {
  const headers = { origin: process.env.TURNPIKE_URL ?? "", "sec-fetch-site": "same-origin" };
  const answer = await page.request.post(`/api/v1/${path}`, { data, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.json();
}

/** Opens a page and waits until WASM has taken it over, which no key press before that could tell. */
async function open(page: Page, path: string) {
  await page.goto(path);
  const field = page.getByRole("combobox", { name: "Search or jump to" });
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(field).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(field).toBeHidden();
}

async function accessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
}

const rows = (page: Page) => page.getByRole("row").filter({ has: page.getByRole("rowheader") });

test("keys are found by filters that stand in the address", async ({ page }) => {
  for (const name of ["fleet one", "fleet two", "fleet three"]) {
    await post(page, "keys", { name, environment: "test", labels: { fleet: hostile } });
  }
  await open(page, "/keys");
  await page.getByRole("searchbox").fill("fleet two");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=fleet\+two/);
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Add filter" }).click();
  await page.getByRole("button", { name: "Last used" }).click();
  await accessible(page);
  await page.keyboard.press("Escape");
  await open(page, "/keys?q=fleet&last_used=never&sort=name&owner=me");
  await expect(rows(page)).toHaveCount(3);
  await expect(rows(page).first()).toContainText("fleet one");
  await expect(page.getByText("never used")).toBeVisible();
  await expect(page.getByText("Me", { exact: true })).toBeVisible();
  await page.getByRole("link", { name: /Remove the filter on Last used/ }).click();
  await expect(page).not.toHaveURL(/last_used/);
  await page.getByRole("columnheader", { name: "Name" }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=-name/);
  await expect(rows(page).first()).toContainText("fleet two");
  await accessible(page);
});

test("what the list shows is saved as a view, opened with, and deleted", async ({ page }) => {
  await open(page, "/keys?q=fleet&sort=name");
  await page.getByRole("button", { name: "Save view…" }).click();
  const dialog = page.getByRole("dialog", { name: "Save view" });
  await dialog.getByLabel("Name of the new view").fill(`Fleet ${hostile}`);
  await accessible(page);
  await dialog.getByRole("button", { name: "Save as a new view" }).click();
  const tab = page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: /^Fleet/ });
  await expect(tab).toHaveAttribute("aria-current", "page");
  await expect(tab).toContainText(hostile);
  await expect(tab).toContainText("3");
  await page.getByRole("button", { name: "Edit view…" }).click();
  await page.getByRole("button", { name: "Open the list with it" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.goto("/keys");
  await expect(page).toHaveURL(/view=view_/);
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole("link", { name: "All keys" }).click();
  await expect(page).toHaveURL(/view=all/);
  await open(page, "/keys");
  await page.getByRole("button", { name: "Edit view…" }).click();
  await page.getByRole("button", { name: "Delete view" }).click();
  await expect(tab).toHaveCount(0);
  await expect(page).toHaveURL(/view=all/);
});

test("chosen keys are disabled after a look at what would change, and enabled again", async ({ page }) => {
  await open(page, "/keys?q=fleet&sort=name");
  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  const bar = page.getByRole("group", { name: "Selected rows" });
  await bar.getByRole("button", { name: "Disable…" }).click();
  const dialog = page.getByRole("dialog", { name: "Disable 3 keys" });
  await expect(dialog.getByText("3 keys will change.")).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Disable", exact: true }).click();
  await expect(dialog.getByText("3 done, 0 left alone, 0 failed.")).toBeVisible();
  await expect(rows(page).first()).toContainText("Disabled");
  await dialog.getByRole("button", { name: "Undo" }).click();
  await expect(page).toHaveURL(/\/jobs\/job_/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Undo: disable 3 keys");
  await expect(page.getByRole("definition").first()).toHaveText("Done");
  await open(page, "/keys?q=fleet&sort=name");
  await expect(rows(page).first()).toContainText("Active");
});

test("all that match are relabelled and revoked, with the number typed for what is final", async ({ page }) => {
  await open(page, "/keys?q=fleet&sort=name");
  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  const bar = page.getByRole("group", { name: "Selected rows" });
  await bar.getByRole("button", { name: "More to do with the chosen keys" }).click();
  await page.getByRole("button", { name: "Add labels…" }).click();
  const dialog = page.getByRole("dialog", { name: "Relabel 3 keys" });
  await dialog.getByLabel("Labels").fill("tier=gold");
  await dialog.getByRole("button", { name: "See what would change" }).click();
  await dialog.getByRole("button", { name: "Relabel", exact: true }).click();
  await expect(dialog.getByText("3 done, 0 left alone, 0 failed.")).toBeVisible();
  await page.keyboard.press("Escape");
  await open(page, "/keys?label=tier%3Dgold");
  await page.getByRole("checkbox", { name: "Select all on this page" }).click();
  await bar.getByRole("button", { name: "Revoke…" }).click();
  const revoke = page.getByRole("dialog", { name: "Revoke 3 keys" });
  await revoke.getByLabel("Type 3 to confirm").fill("3");
  await revoke.getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(revoke.getByText("3 done, 0 left alone, 0 failed.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(rows(page).first()).toContainText("Revoked");
});
