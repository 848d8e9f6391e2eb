import { readFile } from "node:fs/promises";

import { AxeBuilder } from "@axe-core/playwright";

import { expect, refused, test } from "../support/test";

test.use({ expected: [refused] });

test("numbered keys are previewed, made, and their secrets downloaded once", async ({ page }) => {
  await page.goto("/keys/new");
  await page.getByRole("link", { name: "Create many" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create many keys");
  await page.getByRole("link", { name: /^No template/ }).click();
  await expect(page.getByLabel("Expires")).toHaveValue("");
  await page.getByLabel("Name", { exact: true }).fill("till-{n}");
  await page.getByLabel("How many").fill("12");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create 12 keys");
  await expect(page.getByText("till-001, till-002, till-003, till-004, till-005, … till-012")).toBeVisible();

  await page.getByRole("button", { name: "Change" }).click();
  await expect(page.getByLabel("How many")).toHaveValue("12");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByRole("button", { name: "Create 12 keys" }).click();
  await expect(page).toHaveURL(/\/jobs\/job_/);
  await expect(page.getByRole("definition").first()).toHaveText("Done");
  await expect(page.getByText(/this works once, and only for you/)).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^(59|60):\d\d$/);

  const arriving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download secrets" }).click();
  const download = await arriving;
  expect(download.suggestedFilename()).toMatch(/^job_.*-secrets\.csv$/);
  const rows = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  expect(rows).toHaveLength(13);
  expect(rows[1]).toMatch(/^key_[^,]+,till-001,test,tpk_test_\w+$/);
  const models = await page.request.get("/v1/models", { headers: { authorization: `Bearer ${rows[12]?.split(",")[3]}` } });
  expect(models.ok()).toBe(true);
  await expect(page.getByText(/^The secrets were downloaded/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Download secrets" })).toHaveCount(0);
});

test("what can't be made of a table is named by its line", async ({ page }) => {
  await page.goto("/keys/new-many?template=none");
  await page.getByRole("radio", { name: /^A table/ }).check();
  const file = { name: "keys.csv", mimeType: "text/csv", buffer: Buffer.from("name,owner\ngood,\nlost,nobody@example.com\n") };
  await page.locator("#field-file").setInputFiles(file);
  await expect(page.getByRole("textbox", { name: "Table" })).toHaveValue(/nobody@example\.com/);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("1 of 2 keys can't be made. Correct it; until then none is made.")).toBeVisible();
  await expect(page.getByRole("row", { name: /lost/ })).toContainText("nobody@example.com");
  await expect(page.getByRole("row", { name: /lost/ })).toContainText("3");
  await expect(page.getByRole("button", { name: /^Create/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Change" }).click();
  await page.getByRole("textbox", { name: "Table" }).fill("name,colour\na,red");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText(/There is no column "colour"/).first()).toBeVisible();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a table is previewed, corrected and made", async ({ page }) => {
    await page.goto("/keys/new-many?template=none");
    await page.getByRole("radio", { name: /^A table/ }).check();
    await page.getByRole("textbox", { name: "Table" }).fill("name,team\nplain-1,\nplain-2,Nowhere\n");
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.getByRole("row", { name: /plain-2/ })).toContainText("Nowhere");
    await page.getByRole("button", { name: "Change" }).click();
    await expect(page.getByRole("textbox", { name: "Table" })).toHaveValue("name,team\nplain-1,\nplain-2,Nowhere\n");
    await page.getByRole("textbox", { name: "Table" }).fill("name,team\nplain-1,\nplain-2,\n");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("button", { name: "Create 2 keys" }).click();
    await expect(page).toHaveURL(/\/jobs\/job_/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Create 2 keys");
  });
});

for (const theme of ["light", "dark"]) {
  test(`the form is accessible on a phone, ${theme}`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const address of ["/keys/new-many", "/keys/new-many?template=none"]) {
      await page.goto(address);
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
      expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
      const overflows = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      expect(overflows).toBe(false);
    }
  });
}
