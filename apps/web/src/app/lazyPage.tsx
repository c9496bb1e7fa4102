import type { ComponentType } from "react";

const preloads: (() => Promise<void>)[] = [];

/**
 * A page whose code is fetched when it is first wanted. The router asks for `preload` before it shows the page; where the code
 * cannot be had it shows its error instead, and tries again when it is asked to. (The router's own `lazyRouteComponent` loads
 * the whole app anew, which offline is the end of it.)
 */
export function lazyPage<Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) {
  let Page: ComponentType | undefined;
  const preload = async () => {
    Page ??= (await load())[name];
  };
  preloads.push(preload);
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each route, when the module is loaded.
  const LazyPage = () => {
    if (Page === undefined) throw new Error(`${name} is shown before it is loaded`);
    return <Page />;
  };
  return Object.assign(LazyPage, { preload });
}

/** Fetches the code of all pages, so that from then on they are there at once, online or not. */
export function preloadPages(): void {
  // Whatever does not come now is asked for again when it is wanted.
  for (const preload of preloads) preload().catch(() => undefined);
}
