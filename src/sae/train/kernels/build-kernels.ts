/** The WebAssembly module of one training run: its sizes and addresses are constants of the code. */
import { ModuleBuilder } from "../wasm/module.ts";
import { type WasmModule, webAssembly } from "../wasm/web-assembly.ts";
import { addDecode } from "./decode.ts";
import { addInvert } from "./invert.ts";
import type { KernelContext } from "./kernel.ts";
import { addPrepare, addRefresh } from "./prepare.ts";
import { addKeepAbove, addSelect } from "./select.ts";
import { addUpdate } from "./update.ts";
import { multiplyAddOf } from "./vectors.ts";

/** Fused multiply-add is used where the machine has relaxed SIMD; results then differ from other machines in their last bits. */
export function buildKernels({ layout, adam }: Pick<KernelContext, "layout" | "adam">): WasmModule {
  const encode = (relaxed: boolean): Uint8Array<ArrayBuffer> => {
    const module = new ModuleBuilder({ pages: layout.pages });
    const context = { module, layout, adam, multiplyAdd: multiplyAddOf(relaxed) };
    addPrepare(context);
    addRefresh(context);
    addSelect(context);
    addKeepAbove(context);
    addDecode(context);
    addInvert(context);
    addUpdate(context);
    return module.encode();
  };
  const relaxed = encode(true);
  return new webAssembly.Module(webAssembly.validate(relaxed) ? relaxed : encode(false));
}
