/** Addresses of the pages. */
import { type Query, queryText } from "./api.ts";

const part = (value: string | number) => encodeURIComponent(String(value));

export const links = {
  runs: () => "/",
  run: (run: string, query?: Query) => `/run/${part(run)}${queryText(query)}`,
  trials: (run: string, query?: Query) => `/run/${part(run)}/trials${queryText(query)}`,
  trial: (run: string, key: string, query?: Query) =>
    `/run/${part(run)}/trial/${part(key)}${queryText(query)}`,
  compare: (query?: Query) => `/compare${queryText(query)}`,
  latents: (query?: Query) => `/latents${queryText(query)}`,
  latent: (sae: string, latent: number) => `/latents/${part(sae)}/${latent}`,
  playground: (query?: Query) => `/playground${queryText(query)}`,
};
