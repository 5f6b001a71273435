/** Finds under which name a server knows a dictionary of ours. A name proves nothing: the hash of the files has to be the same. */
import { relative, sep } from "node:path";
import { CountersteerError, isCode } from "../../errors.ts";
import { checkLatent } from "../../sae/dictionary.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";
import { ROUTES, type ServedSae, servedSaeSchema } from "./protocol.ts";
import type { ServerApi } from "./server-api.ts";

export interface ServedSaesOptions {
  api: ServerApi;
  /** Dictionaries that the servers list. */
  listed: readonly ServedSae[];
  dModel: number;
  /** Folder here that the servers know as COUNTERSTEER_SAE_ROOT; null where they share none. */
  saeRoot: string | null;
}

interface LocalSae {
  path: string;
  latents: number;
  hash: string;
  /** Names that a server may have for it. */
  candidates: readonly string[];
}

export class ServedSaes {
  readonly #options: ServedSaesOptions;
  readonly #local = new Map<string, LocalSae>();
  /** By server, then by our name. */
  readonly #found = new Map<string, Map<string, Promise<string>>>();

  constructor(options: ServedSaesOptions) {
    this.#options = options;
  }

  /** A server's names of dictionaries, by how we name them. Throws SAE_MISMATCH, SAE_UNREADABLE, and LATENT_UNKNOWN for latents that they lack. */
  async names({
    latents,
    url,
    signal,
  }: {
    /** By dictionary. */
    latents: ReadonlyMap<string, readonly number[]>;
    url: string;
    signal: AbortSignal;
  }): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    for (const [sae, named] of latents) {
      const facts = this.#localOf(sae);
      for (const latent of named) checkLatent({ facts, latent });
      names.set(sae, await this.#name({ sae, url, signal }));
    }
    return names;
  }

  /** Whether a server that was away still means the same dictionaries by their names. Throws SAE_UNREADABLE. */
  async check({ url, signal }: { url: string; signal: AbortSignal }): Promise<void> {
    const names = this.#found.get(url) ?? new Map<string, Promise<string>>();
    for (const [sae, pending] of names) {
      const name = await pending;
      const { path, hash } = this.#localOf(sae);
      const served = await this.#describe({ url, name, signal });
      if (served?.hash !== hash) throw notServed({ sae: path, url, names: [name] });
    }
  }

  #name({ sae, url, signal }: { sae: string; url: string; signal: AbortSignal }): Promise<string> {
    const names = this.#found.get(url) ?? new Map<string, Promise<string>>();
    this.#found.set(url, names);
    const before = names.get(sae);
    if (before !== undefined) return before;
    const found = this.#search({ sae, url, signal });
    names.set(sae, found);
    // a failure is not remembered: the server may be given the dictionary later
    found.catch(() => names.delete(sae));
    return found;
  }

  async #search({ sae, url, signal }: { sae: string; url: string; signal: AbortSignal }): Promise<string> {
    const { path, hash, candidates } = this.#localOf(sae);
    for (const name of candidates) {
      const served = await this.#describe({ url, name, signal });
      if (served?.hash === hash) return name;
    }
    throw notServed({ sae: path, url, names: candidates });
  }

  #localOf(sae: string): LocalSae {
    const before = this.#local.get(sae);
    if (before !== undefined) return before;
    const { listed, dModel, saeRoot } = this.#options;
    const dictionary = openDictionary({ path: sae });
    try {
      const { path, latents } = dictionary;
      if (dictionary.dModel !== dModel) throw otherWidth({ path, saeDModel: dictionary.dModel, dModel });
      const below = saeRoot === null ? "" : relative(saeRoot, path).split(sep).join("/");
      const fitting = listed.filter((each) => each.latents === latents && each.dModel === dModel);
      const candidates = new Set([
        ...fitting.map(({ name }) => name),
        ...(below === "" || below.startsWith("..") ? [] : [below]),
      ]);
      const local = { path, latents, hash: dictionary.hash(), candidates: [...candidates] };
      this.#local.set(sae, local);
      return local;
    } finally {
      dictionary.close();
    }
  }

  /** null where the server knows no such name. */
  async #describe({
    url,
    name,
    signal,
  }: {
    url: string;
    name: string;
    signal: AbortSignal;
  }): Promise<ServedSae | null> {
    const { api } = this.#options;
    const route = `${ROUTES.saes}/${name.split("/").map(encodeURIComponent).join("/")}`;
    try {
      return await api.ask({ url, route, signal }, servedSaeSchema);
    } catch (error) {
      if (isCode(error, "SAE_UNREADABLE") || isCode(error, "SAE_UNSUPPORTED")) return null;
      throw error;
    }
  }
}

function otherWidth(facts: { path: string; saeDModel: number; dModel: number }): CountersteerError {
  return new CountersteerError("SAE_MISMATCH", {
    what: `The SAE ${facts.path} reads ${facts.saeDModel} numbers.`,
    why: `The residual stream of the served model has ${facts.dModel}.`,
    todo: "Give an SAE of this model.",
    facts,
  });
}

function notServed({
  sae,
  url,
  names,
}: {
  sae: string;
  url: string;
  names: readonly string[];
}): CountersteerError {
  return new CountersteerError("SAE_UNREADABLE", {
    what: `${url} does not serve the SAE ${sae}.`,
    why:
      names.length === 0
        ? "It knows no dictionary of this size."
        : `What it knows as ${names.join(", ")} is missing or has other files: the hashes differ.`,
    todo: `Start the server with COUNTERSTEER_SAES=NAME=PATH, where PATH holds the same files as ${sae} does here.`,
    facts: { sae, url, names },
  });
}
