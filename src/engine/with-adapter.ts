/** An engine every request of which is answered by the model with an adapter, unless the request names another. */
import type { Engine } from "./engine.ts";

export interface AppliedAdapter {
  /** GGUF file. */
  path: string;
  /** SHA-256 of the file. */
  hash: string;
}

/** Closing either closes both. */
export function withAdapter({ engine, adapter }: { engine: Engine; adapter: AppliedAdapter }): Engine {
  const { path, hash } = adapter;
  const under = <T extends { adapter?: string }>(requests: T[]): T[] =>
    requests.map((request) => ({ adapter: path, ...request }));
  return {
    info: engine.info,
    build: { ...engine.build, adapter: hash },
    tokenize: (text, options) => engine.tokenize(text, options),
    detokenize: (tokens) => engine.detokenize(tokens),
    generate: (requests, options) => engine.generate(under(requests), options),
    capture: (requests, options) => engine.capture(under(requests), options),
    score: (requests, options) => engine.score(under(requests), options),
    divergence: (requests, options) => engine.divergence(under(requests), options),
    health: () => engine.health(),
    close: () => engine.close(),
  };
}
