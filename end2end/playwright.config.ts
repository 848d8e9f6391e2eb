import { existsSync } from "node:fs";

import { defineConfig, devices } from "@playwright/test";

import { session } from "./support/session";

const debian = "/usr/bin/chromium";
// Without either, Playwright takes the browser that it downloaded itself.
const chromium = process.env.TURNPIKE_CHROMIUM ?? (existsSync(debian) ? debian : undefined);

const desktop = {
  ...devices["Desktop Chrome"],
  viewport: { width: 1440, height: 900 },
  launchOptions: {
    ...(chromium ? { executablePath: chromium } : {}),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};

/**
 * Browser tests of the release build, which support/server.ts starts once from an empty data
 * directory. The tests share that one installation, so they run one after the other.
 */
export default defineConfig({
  testDir: "tests",
  globalSetup: "./support/server.ts",
  outputDir: "test-results",
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // A test that passes on the second try has found something: look at it.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["html", { open: "never", outputFolder: "playwright-report" }]],
  use: {
    // Set by support/server.ts before the workers, which read this file anew, are started.
    ...(process.env.TURNPIKE_URL ? { baseURL: process.env.TURNPIKE_URL } : {}),
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    locale: "en-US",
    timezoneId: "Asia/Kathmandu",
  },
  projects: [
    // One newcomer's path makes what the other tests look at.
    { name: "newcomer", testMatch: "newcomer.spec.ts", use: desktop },
    { name: "pages", testIgnore: "newcomer.spec.ts", dependencies: ["newcomer"], use: { ...desktop, storageState: session } },
  ],
});
