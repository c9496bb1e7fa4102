import { defineConfig, devices } from "@playwright/test";

// Each worker has a server, a model and an app of its own (e2e/fixtures.ts), so nothing is started here.
export default defineConfig({
  testDir: "e2e",
  outputDir: "node_modules/.cache/e2e",
  fullyParallel: true,
  forbidOnly: process.env.CI !== undefined,
  workers: Number(process.env.E2E_WORKERS ?? 2),
  reporter: "list",
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    trace: "retain-on-failure",
    // Where Playwright's own browser is not to be had.
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" },
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 800 } } },
    {
      name: "phone",
      grep: /@phone/,
      use: { ...devices["Pixel 7"], viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 },
    },
  ],
});
