import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test } from "../support/test";

// What lists and pages have in common: the palette, shortcuts, choosing rows, columns, the panel beside a table.

async function accessible(page: Page) {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
}

/** Opens a page and waits until WASM has taken it over, which no key press before that could tell. */
async function open(page: Page, path: string) {
  await page.goto(path);
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: "Search or jump to" })).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("combobox", { name: "Search or jump to" })).toBeHidden();
}

test.describe("the palette", () => {
  for (const theme of ["light", "dark"] as const) {
    test(`finds pages, things to make and keys, and is accessible in ${theme}`, async ({ page, context, baseURL }) => {
      await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
      await open(page, "/");
      await page.getByRole("button", { name: "Search or jump to" }).click();
      const field = page.getByRole("combobox", { name: "Search or jump to" });
      await expect(page.getByRole("option", { name: "Budgets" })).toBeVisible();
      await accessible(page);
      await field.fill("create bud");
      await expect(page.getByRole("option")).toHaveCount(1);
      await field.fill("checkout-stag");
      const found = page.getByRole("group", { name: "Keys" }).getByRole("option", { name: /^checkout-staging/ });
      await expect(found).toBeVisible();
      await accessible(page);
      await field.press("Enter");
      await expect(page).toHaveURL(/\/keys\/key_/);
      await expect(page.getByRole("heading", { level: 1, name: "checkout-staging" })).toBeVisible();
    });
  }

  test("is driven by keys, remembers and gives the focus back", async ({ page }) => {
    await open(page, "/keys");
    const search = page.getByRole("searchbox");
    await search.focus();
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Search or jump to" });
    await expect(field).toBeFocused();
    const first = await field.getAttribute("aria-activedescendant");
    await page.keyboard.press("ArrowDown");
    await expect(field).not.toHaveAttribute("aria-activedescendant", first ?? "");
    const active = page.locator(`#${await field.getAttribute("aria-activedescendant")}`);
    await expect(active).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Escape");
    await expect(field).toBeHidden();
    await expect(search).toBeFocused();
    await page.keyboard.press("Control+k");
    await field.fill("limits");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/limits$/);
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("group", { name: "Recent" }).getByRole("option", { name: "Limits" })).toBeVisible();
    await field.fill("nothing is called this");
    await expect(page.getByText("Nothing is called")).toBeVisible();
    await expect(field).not.toHaveAttribute("aria-activedescendant", /./);
  });

  test("finds a key by its id, and chooses theme and environment", async ({ page }) => {
    await open(page, "/keys");
    await page.getByRole("link", { name: /^checkout-staging/ }).click();
    await expect(page).toHaveURL(/\/keys\/key_/);
    const id = page.url().split("/").pop() ?? "";
    await open(page, "/keys");
    await page.keyboard.press("Control+k");
    const field = page.getByRole("combobox", { name: "Search or jump to" });
    await field.fill(id);
    await expect(page.getByRole("option", { name: /^checkout-staging/ })).toBeVisible();
    await field.fill("dark");
    await page.keyboard.press("Enter");
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    await page.keyboard.press("Control+k");
    await field.fill("live only");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/keys\?environment=live$/);
  });
});

test.describe("shortcuts", () => {
  test("lead to pages, to the search and to what the page is for", async ({ page }) => {
    await open(page, "/");
    await page.keyboard.press("g");
    await page.keyboard.press("k");
    await expect(page).toHaveURL(/\/keys$/);
    await expect(page.getByRole("heading", { level: 1, name: "Keys" })).toBeVisible();
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.keyboard.type("gbn?");
    await expect(page.getByRole("searchbox")).toHaveValue("gbn?");
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("n");
    await expect(page).toHaveURL(/\/keys\/new$/);
  });

  test("are listed, and can be switched off", async ({ page }) => {
    await open(page, "/keys");
    await page.getByRole("button", { name: "Help" }).click();
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await expect(dialog).toBeVisible();
    await accessible(page);
    await dialog.getByRole("checkbox", { name: /Single keys/ }).uncheck();
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await page.keyboard.press("?");
    await page.keyboard.press("n");
    await page.keyboard.press("j");
    await open(page, "/keys");
    await page.keyboard.press("?");
    await expect(dialog).toBeHidden();
    await expect(page).toHaveURL(/\/keys$/);
    await page.getByRole("button", { name: "Help" }).click();
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    await dialog.getByRole("checkbox", { name: /Single keys/ }).check();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(dialog).toBeVisible();
  });
});

test.describe("a table's rows", () => {
  test("are chosen by keyboard alone", async ({ page }) => {
    await open(page, "/keys");
    const rows = page.getByRole("row").filter({ has: page.getByRole("rowheader") });
    const bar = page.getByRole("group", { name: "Selected rows" });
    const all = page.getByRole("checkbox", { name: "Select all on this page" });
    await page.keyboard.press("j");
    await expect(rows.first().getByRole("link")).toBeFocused();
    await page.keyboard.press("x");
    await expect(rows.first()).toHaveAttribute("aria-selected", "true");
    await expect(bar).toContainText(/^1 of \d+ selected/);
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await expect(rows.first().getByRole("link")).toBeFocused();
    await expect(all).toHaveJSProperty("indeterminate", true);
    await accessible(page);
    await all.focus();
    await page.keyboard.press("Space");
    await expect(all).toBeChecked();
    await expect(bar).toContainText(/^All \d+ selected/);
    await page.keyboard.press("Space");
    await expect(bar).toBeHidden();
    await expect(rows.first()).toHaveAttribute("aria-selected", "false");
  });

  test("are chosen by their names, and no longer when something else is filtered for", async ({ page }) => {
    await open(page, "/keys");
    const box = page.getByRole("checkbox", { name: "Select checkout-staging", exact: true });
    const bar = page.getByRole("group", { name: "Selected rows" });
    await box.click();
    await expect(bar).toBeVisible();
    await page.getByRole("button", { name: "Clear" }).click();
    await expect(box).not.toBeChecked();
    await box.click();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("test only");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/environment=test$/);
    await expect(box).not.toBeChecked();
    await expect(bar).toBeHidden();
  });

  test("are looked at beside the table", async ({ page }) => {
    await open(page, "/keys");
    const links = page.getByRole("rowheader").getByRole("link");
    const panel = page.getByRole("dialog").filter({ has: page.getByRole("link", { name: "Open" }) });
    await page.keyboard.press("j");
    await page.keyboard.press("Space");
    await expect(panel).toBeFocused();
    const first = await panel.getByRole("heading").innerText();
    await expect(links.first()).toContainText(first);
    await accessible(page);
    await page.keyboard.press("ArrowDown");
    await expect(panel.getByRole("heading")).not.toHaveText(first);
    const second = await panel.getByRole("heading").innerText();
    await page.keyboard.press("Escape");
    await expect(panel).toBeHidden();
    await expect(links.nth(1)).toBeFocused();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/keys\/key_/);
    await expect(page.getByRole("heading", { level: 1, name: second })).toBeVisible();
  });
});

test("columns are chosen and ordered, and the address says how", async ({ page }) => {
  await open(page, "/keys");
  const heads = () => page.getByRole("columnheader").allInnerTexts();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Environment" }).click();
  await expect(page.getByRole("columnheader", { name: "Environment" })).toHaveCount(0);
  await page.getByRole("button", { name: "Move Cost, 30 d up" }).press("Enter");
  await expect(page.getByRole("button", { name: "Move Cost, 30 d up" })).toBeFocused();
  await expect(page).toHaveURL(/columns=status%2Cowner%2Clast_used%2Ccost%2Ccalls$/);
  await accessible(page);
  const chosen = await heads();
  await page.reload();
  expect(await heads()).toEqual(chosen);
  await open(page, page.url());
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("button", { name: "Show the usual columns" }).click();
  await expect(page).toHaveURL(/\/keys\??$/);
  await expect(page.getByRole("columnheader", { name: "Environment" })).toHaveCount(1);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the palette fills the screen, and what to do with chosen rows is a sheet at the bottom", async ({ page }) => {
    await open(page, "/keys");
    await page.getByRole("button", { name: "Search or jump to" }).click();
    const palette = page.getByRole("dialog", { name: "Search or jump to" });
    // It slides in first.
    await expect(async () => expect(await palette.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 })).toPass();
    await accessible(page);
    await palette.getByRole("button", { name: "Close" }).click();
    await page.getByRole("checkbox", { name: "Select checkout-staging", exact: true }).click();
    const bar = page.getByRole("group", { name: "Selected rows" });
    await expect(bar).toBeInViewport();
    // What the sheet covers for now counts as too small, and can be scrolled clear.
    const { violations } = await new AxeBuilder({ page }).disableRules("target-size").analyze();
    expect(violations.map((v) => v.id)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  });
});
