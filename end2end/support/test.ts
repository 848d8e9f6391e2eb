import { expect, test as base } from "@playwright/test";

/**
 * A test whose page must stay quiet: an error, a warning (hydration says such) or an exception in
 * the browser's console fails it. What a test provokes it names in `expected`.
 */
export const test = base.extend<{ expected: RegExp[] }>({
  expected: [[], { option: true }],
  page: async ({ page, expected }, use) => {
    const said: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") said.push(message.text());
    });
    page.on("pageerror", (error) => said.push(String(error)));
    await use(page);
    expect(said.filter((line) => !expected.some((pattern) => pattern.test(line)))).toEqual([]);
  },
});

export { expect };

/** What the browser itself says of an answer with an error's status. */
export const refused = /Failed to load resource: the server responded with a status of 4\d\d/;
