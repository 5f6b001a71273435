/** What the kernel files add their functions to. */
import type { Layout } from "../layout.ts";
import type { I32, I32Local } from "../wasm/expressions.ts";
import { add, i32, mul, times4 } from "../wasm/expressions.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import type { MultiplyAdd } from "./vectors.ts";

export interface KernelContext {
  module: ModuleBuilder;
  layout: Layout;
  multiplyAdd: MultiplyAdd;
  /** Adam's decay rates and epsilon. */
  adam: { beta1: number; beta2: number; epsilon: number };
}

/** Parameters that every exported kernel begins with: its share of rows or latents, and its thread's scratch memory. */
export const SHARE = { from: "i32", to: "i32", scratch: "i32" } as const;

/** Address of the float or int32 at `index`. */
export const element = (base: number, index: I32): I32 => add(i32(base), times4(index));
/** Address of row `index` of a matrix. */
export const rowOf = (base: number, columns: number, index: I32): I32 =>
  add(i32(base), mul(index, i32(4 * columns)));
export const step = (index: I32Local, by = 1) => index.set(add(index.get, i32(by)));
