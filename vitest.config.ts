import { defineConfig } from "vitest/config";
import { vllmPython } from "./test/vllm/support/server.ts";

/** The live suite needs servers, or a Python that has vLLM to start one. */
const hasVllm = process.env.COUNTERSTEER_VLLM_URLS !== undefined || vllmPython() !== null;
if (!hasVllm) {
  console.warn(
    "NOT TESTED: the engine vllm against a real server (project `vllm`). It needs COUNTERSTEER_VLLM_URLS, or vLLM with countersteer-vllm " +
      "in .cache/vllm-venv or COUNTERSTEER_VLLM_PYTHON; see docs/vllm.md.",
  );
}
const liveVllm = {
  test: {
    name: "vllm",
    include: ["test/model/conformance/**/*.test.ts", "test/vllm/**/*.test.ts"],
    globalSetup: ["test/vllm/setup.ts"],
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 600_000,
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "web/src/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
            "bench/**/*.test.ts",
            "test/fuzz/**/*.test.ts",
          ],
          // a limit against hangs, not a claim of speed: a busy machine is slow
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts"],
          // programs that wait for each other, on a machine that may be busy
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "model",
          include: ["test/model/**/*.test.ts", "test/crash/**/*.test.ts"],
          globalSetup: ["test/model/setup.ts"],
          // one engine at a time: the machine's cores are what these tests use
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/setup.ts"],
          // one browser at a time, for the same reason
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 600_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      ...(hasVllm ? [liveVllm] : []),
    ],
  },
});
