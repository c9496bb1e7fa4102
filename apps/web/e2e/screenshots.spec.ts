// A picture of every page, for people to look at: in e2e/screenshots.
import { test } from "./fixtures.ts";
import { furnish } from "./furniture.ts";
import { goTo, ownPlaces, publicPlaces } from "./places.ts";

const nothing = { character: "", chat: "" };

for (const colorScheme of ["light", "dark"] as const) {
  const file = (name: string) => `e2e/screenshots/${test.info().project.name}-${name}-${colorScheme}.png`;

  test(`pages for visitors, ${colorScheme} @phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const place of publicPlaces) {
      await goTo(page, place, nothing);
      await page.screenshot({ path: file(place.name), fullPage: true });
    }
  });

  test(`pages for those who are signed in, ${colorScheme} @phone`, async ({ person, signedIn: page }) => {
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: file("no-chats"), fullPage: true });
    const things = await furnish(person);
    for (const place of ownPlaces) {
      await goTo(page, place, things);
      await page.screenshot({ path: file(place.name), fullPage: true });
    }
  });
}
