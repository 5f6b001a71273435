import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { KeptOpen } from "./kept-open.ts";

function counted({ idleMs = 60_000, failures = 0 }: { idleMs?: number; failures?: number } = {}) {
  const log: string[] = [];
  let made = 0;
  const kept = new KeptOpen({
    idleMs,
    isBroken: (error) => error instanceof RangeError,
    open: async () => {
      const name = made++;
      log.push(`open ${name}`);
      if (name < failures) throw new Error(`no ${name}`);
      return {
        name,
        close: async () => {
          log.push(`close ${name}`);
        },
      };
    },
  });
  return { kept, log };
}

test("uses at one time share one opening, and closing it lets the next use open it again", async () => {
  const { kept, log } = counted();
  const name = async (resource: { name: number }) => resource.name;
  expect(kept.isOpen).toBe(false);
  expect(await Promise.all([kept.use(name), kept.use(name), kept.use(name)])).toEqual([0, 0, 0]);
  await kept.close();
  expect(await kept.use(name)).toBe(1);
  await kept.close();
  expect(log).toEqual(["open 0", "close 0", "open 1", "close 1"]);
});

test("it is closed when it was idle, and never under a use", async () => {
  const { kept, log } = counted({ idleMs: 1 });
  await kept.use(async () => delay(30));
  expect(log).toEqual(["open 0"]);
  await expect.poll(() => log).toEqual(["open 0", "close 0"]);
  expect(kept.isOpen).toBe(false);
});

test("a failed opening is tried again", async () => {
  const { kept, log } = counted({ failures: 1 });
  await expect(kept.use(async () => 1)).rejects.toThrow("no 0");
  expect(await kept.use(async () => 2)).toBe(2);
  await kept.close();
  expect(log).toEqual(["open 0", "open 1", "close 1"]);
});

test("what breaks it closes it, and any other error leaves it open", async () => {
  const { kept, log } = counted();
  await expect(kept.use(() => Promise.reject(new Error("a request's")))).rejects.toThrow("a request's");
  expect(kept.isOpen).toBe(true);
  await expect(kept.use(() => Promise.reject(new RangeError("its own")))).rejects.toThrow("its own");
  expect(log).toEqual(["open 0", "close 0"]);
});
