import OpenAI from "openai";

import { expect, refused, test } from "../support/test";

// What a key may call, and how its secret is changed. What the gateway does with it is tried with the official client.
test.describe.configure({ mode: "serial" });
test.use({ expected: [refused] });

const name = "rules-and-rotation";
const hostile = `<img src=x onerror="alert(1)"> & co`;
let address = "";
let first = "";
let second = "";

const client = (apiKey: string) => new OpenAI({ baseURL: `${process.env.TURNPIKE_URL}/v1`, apiKey, maxRetries: 0 });
const ask = (apiKey: string, model = "sandbox/small") =>
  client(apiKey).chat.completions.create({ model, messages: [{ role: "user", content: "Hello!" }] });

test("a key is made with rules; what is wrong is said beside its field", async ({ page }) => {
  await page.goto("/keys/new");
  await page.getByLabel("Name").fill(name);
  await page.getByText("More: what it is for").click();
  await page.getByLabel("Description").fill(hostile);
  await page.locator("#field-labels").fill("service=checkout");
  await page.getByRole("button", { name: "Add sandbox/small" }).click();
  await expect(page.locator("#field-models")).toHaveValue("sandbox/small");
  await page.getByLabel("Chat completions").check();
  await page.getByLabel("Addresses").fill("127.0.0.1\n10.0.0.0/99");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.locator("#field-ips-error")).toContainText("10.0.0.0/99");
  await expect(page.getByLabel("Description")).toHaveValue(hostile);
  await page.getByLabel("Addresses").fill("127.0.0.1\n::1");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `${name} is ready` })).toBeVisible();
  first = await page.locator("[data-secret]").innerText();
  await page.getByRole("link", { name: "I have stored it" }).click();
  await expect(page).toHaveURL(/\/keys\/key_/);
  address = new URL(page.url()).pathname;
});

test("its page says in plain words what it may do, and the gateway holds it to that", async ({ page }) => {
  await page.goto(address);
  await expect(page.getByText("It may call sandbox/small with chat completions from 127.0.0.1 and ::1.")).toBeVisible();
  await expect(page.getByText(hostile, { exact: true })).toBeVisible();
  await expect(page.getByText(`Description: ${hostile}`)).toBeVisible();
  await expect(page.getByText("service=checkout")).toBeVisible();
  await ask(first);
  await expect(ask(first, "sandbox/large")).rejects.toMatchObject({ status: 403, code: "model_not_allowed" });
  const embedding = client(first).embeddings.create({ model: "sandbox/embedding", input: "Hello!" });
  await expect(embedding).rejects.toMatchObject({ status: 403, code: "endpoint_not_allowed" });
  expect((await client(first).models.list()).data.map((model) => model.id)).toEqual(["sandbox/small"]);
});

test("its rules are changed, and in force within a second", async ({ page }) => {
  await page.goto(address);
  await page.getByRole("link", { name: "Edit…" }).click();
  await page.getByLabel("Models", { exact: true }).fill("sandbox/*");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(new RegExp(`${address}$`));
  await expect(page.getByText("It may call sandbox/* with")).toBeVisible();
  await page.waitForTimeout(1000);
  await ask(first, "sandbox/large");
});

test("its secret is changed; the old one goes on until it is ended", async ({ page }) => {
  await page.goto(address);
  await page.getByRole("button", { name: "Rotate…" }).click();
  await page.getByRole("button", { name: "Rotate key" }).click();
  await expect(page.getByRole("heading", { name: "The new secret" })).toBeVisible();
  second = await page.locator("[data-secret]").innerText();
  expect(second).not.toBe(first);
  await page.getByRole("link", { name: "I have stored it" }).click();
  await expect(page.locator("[data-secret]")).toHaveCount(0);
  await ask(second);
  await ask(first);
  await expect(async () => {
    await page.reload();
    await expect(page.getByText(`…${first.slice(-4)}`)).toBeVisible();
    await expect(page.getByText("It was last used")).toBeVisible({ timeout: 500 });
  }).toPass();
  await expect(page.locator("body")).not.toContainText(second);
  await page.getByRole("button", { name: "End it now" }).click();
  await expect(page.getByText("works until it ends")).toHaveCount(0);
  await page.waitForTimeout(1000);
  await expect(ask(first)).rejects.toMatchObject({ status: 401, code: "secret_rotated" });
  await ask(second);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("its secret is changed and shown once, too", async ({ page }) => {
    await page.goto(`${address}?ask=rotate`);
    await page.getByRole("button", { name: "Rotate key" }).click();
    await expect(page.getByRole("heading", { name: "The new secret" })).toBeVisible();
    second = await page.locator("[data-secret]").innerText();
    await page.goto(address);
    await expect(page.locator("[data-secret]")).toHaveCount(0);
  });
});

test("a leaked key is revoked by whoever reports it", async ({ page }) => {
  await page.goto("/keys/leaked");
  await page.getByRole("textbox", { name: "Key" }).fill("tpk_live_nobody");
  await page.getByRole("button", { name: "Revoke it" }).click();
  await expect(page.getByText("Nobody has this key.")).toBeVisible();
  await page.getByRole("textbox", { name: "Key" }).fill(second);
  await page.getByRole("button", { name: "Revoke it" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText(`${name} is revoked`);
  await page.waitForTimeout(1000);
  await expect(ask(second)).rejects.toMatchObject({ status: 401, code: "key_revoked" });
});
