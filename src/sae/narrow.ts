/** Numbers on their way into a file of a narrower type, and how much of them is lost. */
import { type FloatDtype, float32ToBfloat16, float32ToFloat16 } from "./float-bits.ts";
import { unsupported } from "./sae-errors.ts";

export type WriteDtype = Exclude<FloatDtype, "float64">;

export interface Rounding {
  /** Numbers that are not the same afterwards. */
  rounded: number;
  /** Root of the summed squared errors over the root of the summed squares; 0 where nothing was rounded. */
  relativeError: number;
}

export class Narrowing {
  readonly #path: string;
  readonly #dtype: WriteDtype;
  #rounded = 0;
  #errors = 0;
  #squares = 0;

  /** @param path what messages call the target */
  constructor({ path, dtype }: { path: string; dtype: WriteDtype }) {
    this.#path = path;
    this.#dtype = dtype;
  }

  /** The numbers as the file holds them. Throws SAE_UNSUPPORTED for one that the type has no room for. */
  bytes({ name, values }: { name: string; values: Float32Array }): Uint8Array {
    if (this.#dtype === "float32") {
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    }
    const bits = this.#dtype === "float16" ? float32ToFloat16(values) : float32ToBfloat16(values);
    this.#tally(name, values, bits);
    return new Uint8Array(bits.buffer);
  }

  rounding(): Rounding {
    const relativeError = this.#errors === 0 ? 0 : Math.sqrt(this.#errors / this.#squares);
    return { rounded: this.#rounded, relativeError };
  }

  #tally(name: string, values: Float32Array, bits: Uint16Array): void {
    const isHalf = this.#dtype === "float16";
    const kept = isHalf
      ? new Float16Array(bits.buffer)
      : new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      const error = (kept[i] ?? 0) - value;
      if (!Number.isFinite(error)) {
        throw unsupported({
          path: this.#path,
          field: `dtype ${this.#dtype} for ${name}`,
          value,
          known: `numbers that ${this.#dtype} can hold`,
          todo: "Write it as float32.",
        });
      }
      this.#rounded += error === 0 ? 0 : 1;
      this.#errors += error * error;
      this.#squares += value * value;
    }
  }
}
