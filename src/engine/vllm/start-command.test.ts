import { describe, expect, it } from "vitest";
import { type StartOptions, shellText, startCommand } from "./start-command.ts";

const base: StartOptions = {
  model: "owner/model",
  served: "model",
  parameters: 8,
  quantization: null,
  gpuMemory: 80,
  tensorParallel: null,
  pipelineParallel: 1,
  dataParallel: 1,
  maxModelLen: 4096,
  maxSequences: 256,
  port: 8000,
  saes: [],
  adapters: [],
  loraRank: 0,
};

function flag(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name);
  return at < 0 ? undefined : argv[at + 1];
}

describe("the command that starts a server", () => {
  it("always runs eagerly and takes no sampling settings from the model: both would change what is measured in silence", () => {
    for (const parameters of [0.1, 8, 70, 400]) {
      const { argv } = startCommand({ ...base, parameters });
      expect(argv).toContain("--enforce-eager");
      expect(flag(argv, "--generation-config")).toBe("vllm");
    }
  });

  it.each([
    { parameters: 0.135, gpuMemory: 80, gpus: 1, fp8: false },
    { parameters: 8.03, gpuMemory: 24, gpus: 1, fp8: false },
    { parameters: 27.2, gpuMemory: 80, gpus: 1, fp8: false },
    { parameters: 27.2, gpuMemory: 40, gpus: 2, fp8: false },
    { parameters: 70.6, gpuMemory: 80, gpus: 2, fp8: true },
    { parameters: 405, gpuMemory: 80, gpus: 8, fp8: true },
  ])(
    "$parameters billion parameters on GPUs of $gpuMemory GB take $gpus, fp8: $fp8",
    ({ parameters, gpuMemory, gpus, fp8 }) => {
      const command = startCommand({ ...base, parameters, gpuMemory });
      expect(command.gpus).toBe(gpus);
      expect(flag(command.argv, "--quantization")).toBe(fp8 ? "fp8" : undefined);
      expect(flag(command.argv, "--tensor-parallel-size")).toBe(gpus === 1 ? undefined : String(gpus));
    },
  );

  it("the weights fit into the share of memory that is given to vLLM, for every size", () => {
    for (const parameters of [1, 3, 8, 13, 27, 34, 59, 70, 123, 180, 405]) {
      for (const gpuMemory of [16, 24, 40, 48, 80, 141]) {
        const { gpus, quantization } = startCommand({ ...base, parameters, gpuMemory });
        expect(parameters * (quantization === "fp8" ? 1 : 2)).toBeLessThan(0.9 * gpuMemory * gpus);
      }
    }
  });

  it("a model of unknown size needs the number of GPUs", () => {
    expect(() => startCommand({ ...base, parameters: null })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
    expect(startCommand({ ...base, parameters: null, tensorParallel: 4 }).gpus).toBe(4);
  });

  it("adapters are LoRA modules of a rank that vLLM has, and a rank above all is refused", () => {
    const adapters = [{ name: "resist", path: "/srv/resist" }];
    const { argv } = startCommand({ ...base, adapters, loraRank: 24 });
    expect(flag(argv, "--max-lora-rank")).toBe("32");
    expect(flag(argv, "--lora-modules")).toBe("resist=/srv/resist");
    expect(() => startCommand({ ...base, adapters, loraRank: 1024 })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  it("on the CPU it is float32 without GPU flags", () => {
    const { argv, environment, gpus } = startCommand({ ...base, gpuMemory: null });
    expect(gpus).toBe(0);
    expect(flag(argv, "--dtype")).toBe("float32");
    expect(argv).not.toContain("--gpu-memory-utilization");
    expect(environment.VLLM_CPU_KVCACHE_SPACE).toBe("1");
  });

  it("a shell reads back what was meant, whatever characters are in it", () => {
    const argv = ["vllm", "serve", "it's a $model; rm *", "--flag", "a b"];
    expect(shellText({ environment: { A: "x=1,y 2" }, argv })).toBe(
      "A='x=1,y 2' \\\n  vllm serve 'it'\\''s a $model; rm *' \\\n  --flag 'a b'",
    );
  });
});
