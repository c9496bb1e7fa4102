import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { furnish } from "./furniture.ts";
import { goTo, overflow, ownPlaces, publicPlaces } from "./places.ts";

/** What axe finds wrong, short enough to be read in a report; and whether the page is wider than the window. */
async function violations(page: Page, place: string): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  const wider = await overflow(page);
  return [
    ...found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${place}: ${id} at ${target.join(" ")}`)),
    ...(wider > 0 ? [`${place}: ${wider} pixels too wide`] : []),
  ];
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with the pages for visitors, ${colorScheme} @phone`, async ({ page }) => {
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const found: string[] = [];
    for (const place of publicPlaces) {
      await goTo(page, place, { character: "", chat: "" });
      found.push(...(await violations(page, place.name)));
    }
    expect(found).toEqual([]);
  });

  test(`axe finds nothing wrong with one's own pages, ${colorScheme} @phone`, async ({ person, signedIn: page }) => {
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const found = await violations(page, "no-chats");
    const things = await furnish(person);
    for (const place of ownPlaces) {
      await goTo(page, place, things);
      found.push(...(await violations(page, place.name)));
    }
    expect(found).toEqual([]);
  });
}
