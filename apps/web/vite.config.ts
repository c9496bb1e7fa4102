import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.RACONTEUR_URL ?? "http://127.0.0.1:8000";
const proxy = { "/api": { target: server } };

/** What the server that serves the build lets it do. `npm run preview` holds it to the same. */
const contentSecurityPolicy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'";

export default defineConfig({
  plugins: [tailwindcss(), react()],
  resolve: { tsconfigPaths: true },
  server: { proxy },
  preview: { proxy, headers: { "Content-Security-Policy": contentSecurityPolicy } },
  build: {
    // Since these, `light-dark()` works as written: one line for a colour in both themes.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // A `data:` address for a font or a script would be against the policy.
    assetsInlineLimit: 0,
    // Every browser that knows `light-dark()` preloads modules by itself.
    modulePreload: { polyfill: false },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], setupFiles: "src/test-setup.ts" },
});
