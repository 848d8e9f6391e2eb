import { AxeBuilder } from "@axe-core/playwright";

import { owner } from "../support/session";
import { expect, refused, test } from "../support/test";

const pages = [
  "/",
  "/keys",
  "/keys/new",
  "/keys/leaked",
  "/usage",
  "/budgets",
  "/budgets/new",
  "/limits",
  "/limits/new",
  "/templates",
  "/templates/new",
  "/jobs",
  "/connections",
  "/connections/new",
  "/tokens",
  "/tokens/new",
];

for (const theme of ["light", "dark"] as const) {
  test.describe(theme, () => {
    test.beforeEach(({ context, baseURL }) => context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]));

    for (const path of pages) {
      test(`${path} is accessible`, async ({ page }) => {
        await page.goto(path);
        await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
        expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
      });
    }
  });
}

test("one environment is shown on every page until the other is chosen", async ({ page }) => {
  const main = page.getByRole("navigation", { name: "Main" });
  const environment = page.getByRole("navigation", { name: "Environment" });
  await page.goto("/");
  await environment.getByRole("link", { name: "Live" }).click();
  await expect(page).toHaveURL(/\?environment=live$/);
  await main.getByRole("link", { name: "Keys" }).click();
  await expect(page).toHaveURL(/\/keys\?environment=live$/);
  await expect(main.getByRole("link", { name: "Keys" })).toHaveAttribute("aria-current", "page");
  await expect(page.getByRole("table").getByText("Test", { exact: true })).toHaveCount(0);
  await main.getByRole("link", { name: "Budgets" }).click();
  await expect(page).toHaveURL(/\/budgets\?environment=live$/);
  await main.getByRole("link", { name: "Tokens" }).click();
  await expect(page).toHaveURL(/\/tokens$/);
  await expect(environment).toHaveCount(0);
  await page.goto("/keys?environment=test");
  await environment.getByRole("link", { name: "All" }).click();
  await expect(page).toHaveURL(/\/keys\??$/);
});

test("a page announces its code every time", async ({ page }) => {
  for (let time = 0; time < 20; time++) {
    const html = await (await page.request.get("/usage")).text();
    expect(html.split("/pkg/split_usage.wasm").length).toBe(2);
  }
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  for (const path of pages) {
    test(`${path} fits`, async ({ page }) => {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
});

test.describe("budgets", () => {
  test.use({ expected: [refused] });

  test("one is made, changed and deleted", async ({ page }) => {
    await page.goto("/budgets");
    await page.getByRole("link", { name: "Create budget" }).first().click();
    await page.getByRole("radio", { name: /^Test/ }).check();
    await page.getByLabel("Amount").fill("0");
    await page.getByRole("button", { name: "Create budget" }).click();
    await expect(page.getByText("Give an amount above zero.").first()).toBeVisible();
    // A form that was sent before WASM took over begins anew.
    await page.getByRole("radio", { name: /^Test/ }).check();
    await page.getByLabel("Amount").fill("1000");
    await page.getByRole("button", { name: "Create budget" }).click();
    await expect(page).toHaveURL(/\/budgets$/);
    const meter = page.getByRole("meter", { name: "Spent of Acme Robotics, test, by the month" });
    const row = page.getByRole("row").filter({ has: meter });
    await expect(row).toContainText("$1,000.00");
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Change amount…" }).click();
    const change = page.getByRole("dialog", { name: /^Change Acme Robotics/ });
    await change.getByLabel("Amount").fill("1200.50");
    await change.getByRole("radio", { name: /^Only show it/ }).check();
    await change.getByRole("button", { name: "Save" }).click();
    await expect(change).toBeHidden();
    await expect(row).toContainText("$1,200.50");
    await expect(row).toContainText("Soft");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => v.id)).toEqual([]);
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete budget" }).click();
    await expect(row).toHaveCount(0);
  });
});

test.describe("limits", () => {
  test.use({ expected: [refused] });

  test("one is made, changed and deleted", async ({ page }) => {
    await page.goto("/limits");
    await page.getByRole("link", { name: "Create limit" }).first().click();
    await page.getByRole("radio", { name: /^Test/ }).check();
    await page.getByLabel("Amount").fill("0");
    await page.getByRole("button", { name: "Create limit" }).click();
    await expect(page.getByText("Give a whole number from 1").first()).toBeVisible();
    // A form that was sent before WASM took over begins anew.
    await page.getByRole("radio", { name: /^Test/ }).check();
    await page.getByRole("radio", { name: /^Tokens a minute/ }).check();
    await page.getByLabel("Amount").fill("100000");
    await page.getByRole("button", { name: "Create limit" }).click();
    await expect(page).toHaveURL(/\/limits$/);
    const meter = page.getByRole("meter", { name: "Used of Acme Robotics, test, tokens" });
    const row = page.getByRole("row").filter({ has: meter });
    await expect(row).toContainText("100,000 tokens a minute");
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Change limit…" }).click();
    const change = page.getByRole("dialog", { name: /^Change Acme Robotics/ });
    await change.getByLabel("Tokens a minute").fill("90000");
    await change.getByLabel("Of these at once").fill("3000");
    await change.getByRole("button", { name: "Save" }).click();
    await expect(change).toBeHidden();
    await expect(row).toContainText("90,000 tokens a minute");
    await expect(row).toContainText("3,000 at once");
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => v.id)).toEqual([]);
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete limit" }).click();
    await expect(row).toHaveCount(0);
  });
});

test.describe("what is not there", () => {
  test.use({ expected: [refused] });

  test("an unknown address is answered with a page", async ({ page }) => {
    const answer = await page.goto("/nowhere/at/all");
    expect(answer?.status()).toBe(404);
    await expect(page.getByRole("heading", { name: "There is nothing at this address" })).toBeVisible();
    await page.getByRole("link", { name: "Go to the overview" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  });

  for (const path of ["/keys/key_01h455vb4pex5vsknk084sn02q", "/usage/evt_01h455vb4pex5vsknk084sn02q", "/keys/not-an-id"]) {
    test(`${path} is answered as not found`, async ({ page }) => {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(404);
      await expect(page.getByRole("heading").first()).toBeVisible();
    });
  }
});

test.describe("signed out", () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  for (const theme of ["light", "dark"] as const) {
    test(`/login is accessible in ${theme}`, async ({ page, context, baseURL }) => {
      await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
      await page.goto("/login");
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map((v) => v.id)).toEqual([]);
    });
  }

  test("a server function is refused", async ({ request }) => {
    const answer = await request.post("/fn/keys_list", { headers: { "sec-fetch-site": "same-origin" }, form: {} });
    expect(answer.status()).toBe(401);
    expect(((await answer.json()) as { error: { code: string } }).error.code).toBe("unauthenticated");
  });

  test("every page leads to signing in", async ({ page }) => {
    for (const path of pages) {
      await page.goto(path);
      await expect(page).toHaveURL(/\/login/);
    }
  });

  test("a login does not lead to another site", async ({ page }) => {
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
      // An open page would go on asking, and be refused.
      await page.goto("about:blank");
      await page.context().clearCookies();
      await page.goto(`/login?next=${encodeURIComponent(next)}`);
      await page.getByLabel("E-mail").fill(owner.email);
      await page.getByLabel("Password").fill(owner.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
      expect(page.url().startsWith(process.env.TURNPIKE_URL ?? "nowhere")).toBe(true);
    }
  });
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("pages are whole and a key can be made", async ({ page }) => {
    await page.goto("/keys/new");
    await page.getByLabel("Name").fill("made-without-scripts");
    await page.getByRole("button", { name: "Create key" }).click();
    await expect(page.locator("[data-secret]")).toHaveText(/^tpk_test_/);
    await page.goto("/keys");
    await expect(page.getByRole("link", { name: /made-without-scripts/ })).toBeVisible();
  });

  test("a token can be made and revoked", async ({ page }) => {
    await page.goto("/tokens/new");
    await page.getByLabel("Name").fill("token-without-scripts");
    await page.getByLabel("keys:read", { exact: false }).first().check();
    await page.getByRole("button", { name: "Create token" }).click();
    await expect(page.locator("[data-secret]")).toHaveText(/^tp/);
    await page.goto("/tokens");
    const row = page.getByRole("row", { name: /token-without-scripts/ });
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Revoke…" }).click();
    await page.getByRole("button", { name: "Revoke token" }).click();
    await expect(row).toContainText("Revoked");
  });

  test("a budget can be made, changed and deleted", async ({ page }) => {
    await page.goto("/budgets/new");
    await page.getByRole("radio", { name: /^Test/ }).check();
    await page.getByLabel("Amount").fill("500");
    await page.getByLabel("Begins anew every").selectOption("week");
    await page.getByRole("button", { name: "Create budget" }).click();
    const meter = page.getByRole("meter", { name: "Spent of Acme Robotics, test, by the week" });
    const row = page.getByRole("row").filter({ has: meter });
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Change amount…" }).click();
    await page.getByLabel("Amount").fill("600");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(row).toContainText("$600.00");
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete budget" }).click();
    await expect(row).toHaveCount(0);
  });

  test("a limit can be made, changed and deleted", async ({ page }) => {
    await page.goto("/limits/new");
    await page.getByRole("radio", { name: /^Test/ }).check();
    await page.getByRole("radio", { name: /^Parallel requests/ }).check();
    await page.getByLabel("Amount").fill("50");
    await page.getByRole("button", { name: "Create limit" }).click();
    const row = page.getByRole("row").filter({ has: page.getByRole("meter", { name: "Used of Acme Robotics, test, parallel requests" }) });
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Change limit…" }).click();
    await page.getByLabel("Requests at once").fill("60");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(row).toContainText("60 parallel requests");
    await row.getByRole("button", { name: /Actions/ }).click();
    await page.getByRole("link", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete limit" }).click();
    await expect(row).toHaveCount(0);
  });
});
