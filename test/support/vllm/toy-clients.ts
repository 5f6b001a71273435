/** Toy servers and clients of one test file, closed after each test. */
import { afterEach } from "vitest";
import type { VllmEngine } from "../../../src/engine/vllm/engine.ts";
import { openToy } from "./toy-requests.ts";
import { startToyServer, type ToyServer, type ToyServerOptions } from "./toy-server.ts";

export function toyClients() {
  const open: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
  });
  return {
    server: async (options: ToyServerOptions = {}): Promise<ToyServer> => {
      const started = await startToyServer(options);
      open.push(started);
      return started;
    },
    client: async (
      servers: readonly ToyServer[],
      options: Parameters<typeof openToy>[1] = {},
    ): Promise<VllmEngine> => {
      const engine = await openToy(servers, options);
      open.push({ [Symbol.asyncDispose]: () => engine.close() });
      return engine;
    },
  };
}
