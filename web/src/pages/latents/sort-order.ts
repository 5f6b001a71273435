import type { LATENT_SORTS } from "../../../../src/server/viewer/api/latents.ts";

export interface SortOrder {
  sort: (typeof LATENT_SORTS)[number];
  direction: "up" | "down";
}

/** What a click on a header asks for: that column, and at the second click the other way. Density begins with the densest. */
export function sortedBy(now: SortOrder, sort: SortOrder["sort"]): SortOrder {
  if (now.sort === sort) return { sort, direction: now.direction === "up" ? "down" : "up" };
  return { sort, direction: sort === "density" ? "down" : "up" };
}
