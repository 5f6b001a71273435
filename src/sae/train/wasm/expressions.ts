/**
 * WebAssembly instructions as typed values: an expression is its bytes with the type that it leaves on the stack, so that
 * the compiler of this file checks what a wasm compiler would. Opcodes: WebAssembly core specification 3.0, section 5.4.
 */

export type ValueType = "i32" | "f32" | "v128";

export interface Code<T extends ValueType | "void"> {
  readonly type: T;
  readonly bytes: readonly number[];
}
export type I32 = Code<"i32">;
export type F32 = Code<"f32">;
export type V128 = Code<"v128">;
export type Statement = Code<"void">;

const SIMD = 0xfd;
/** Alignment hint of memory instructions: 4 bytes. */
const ALIGN_4 = 2;
const ALIGN_8 = 3;

export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0);
    bytes.push(done ? low : low | 128);
    if (done) return bytes;
  }
}

function code<T extends ValueType | "void">(
  type: T,
  ...parts: (number | readonly number[] | Code<ValueType>)[]
): Code<T> {
  const bytes: number[] = [];
  for (const part of parts) {
    if (typeof part === "number") bytes.push(part);
    else for (const byte of "bytes" in part ? part.bytes : part) bytes.push(byte);
  }
  return { type, bytes };
}

export const i32 = (value: number): I32 => code("i32", 0x41, signed(value | 0));
export const f32 = (value: number): F32 =>
  code("f32", 0x43, [...new Uint8Array(Float32Array.of(value).buffer)]);

const binary =
  <A extends ValueType, R extends ValueType>(result: R, ...opcode: number[]) =>
  (a: Code<A>, b: Code<A>): Code<R> =>
    code(result, a, b, opcode);
const unary =
  <A extends ValueType, R extends ValueType>(result: R, ...opcode: number[]) =>
  (a: Code<A>): Code<R> =>
    code(result, a, opcode);
const simd = (opcode: number): number[] => [SIMD, ...unsigned(opcode)];

export const add = binary<"i32", "i32">("i32", 0x6a);
export const sub = binary<"i32", "i32">("i32", 0x6b);
export const mul = binary<"i32", "i32">("i32", 0x6c);
export const and = binary<"i32", "i32">("i32", 0x71);
/** Unsigned, as addresses need. */
export const below = binary<"i32", "i32">("i32", 0x49);
export const equal = binary<"i32", "i32">("i32", 0x46);
const isZero = unary<"i32", "i32">("i32", 0x45);
const shiftLeft = binary<"i32", "i32">("i32", 0x74);
const shiftRight = binary<"i32", "i32">("i32", 0x76);
export const times4 = (value: I32): I32 => shiftLeft(value, i32(2));
export const half = (value: I32): I32 => shiftRight(value, i32(1));

export const fadd = binary<"f32", "f32">("f32", 0x92);
export const fsub = binary<"f32", "f32">("f32", 0x93);
export const fmul = binary<"f32", "f32">("f32", 0x94);
export const fdiv = binary<"f32", "f32">("f32", 0x95);
export const fless = binary<"f32", "i32">("i32", 0x5d);
export const fgreater = binary<"f32", "i32">("i32", 0x5e);
export const fatLeast = binary<"f32", "i32">("i32", 0x60);
export const fequal = binary<"f32", "i32">("i32", 0x5b);
export const fsqrt = unary<"f32", "f32">("f32", 0x91);
export const fabs = unary<"f32", "f32">("f32", 0x8b);

export const vadd = binary<"v128", "v128">("v128", ...simd(0xe4));
export const vsub = binary<"v128", "v128">("v128", ...simd(0xe5));
export const vmul = binary<"v128", "v128">("v128", ...simd(0xe6));
export const vdiv = binary<"v128", "v128">("v128", ...simd(0xe7));
export const vsqrt = unary<"v128", "v128">("v128", ...simd(0xe3));
export const vabs = unary<"v128", "v128">("v128", ...simd(0xe0));
export const vgreater = binary<"v128", "v128">("v128", ...simd(0x44));
export const vatLeast = binary<"v128", "v128">("v128", ...simd(0x46));
/** Both masks. */
export const vand = binary<"v128", "v128">("v128", ...simd(0x4e));
export const anyTrue = unary<"v128", "i32">("i32", ...simd(0x53));
export const splat = unary<"f32", "v128">("v128", ...simd(0x13));
export const splatInt = unary<"i32", "v128">("v128", ...simd(0x11));
export const vaddInt = binary<"v128", "v128">("v128", ...simd(0xae));
export const vshiftRight = (a: V128, bits: number): V128 => code("v128", a, i32(bits), simd(0xad));
/** Eight 32-bit numbers that fit 16 bits, narrowed. */
export const narrow = binary<"v128", "v128">("v128", ...simd(0x86));
export const lane = (a: V128, index: 0 | 1 | 2 | 3): F32 => code("f32", a, simd(0x1f), index);
/** `a * b + c`, fused where the machine has the instruction. */
export const fused = (a: V128, b: V128, c: V128): V128 => code("v128", a, b, c, simd(0x105));

export const loadInt = (at: I32, offset = 0): I32 => code("i32", at, 0x28, ALIGN_4, unsigned(offset));
export const load = (at: I32, offset = 0): F32 => code("f32", at, 0x2a, ALIGN_4, unsigned(offset));
export const vload = (at: I32, offset = 0): V128 => code("v128", at, simd(0x00), ALIGN_4, unsigned(offset));
export const storeInt = (at: I32, value: I32, offset = 0): Statement =>
  code("void", at, value, 0x36, ALIGN_4, unsigned(offset));
export const store = (at: I32, value: F32, offset = 0): Statement =>
  code("void", at, value, 0x38, ALIGN_4, unsigned(offset));
export const vstore = (at: I32, value: V128, offset = 0): Statement =>
  code("void", at, value, simd(0x0b), ALIGN_4, unsigned(offset));
/** The low 8 bytes. */
export const vstoreHalf = (at: I32, value: V128, offset = 0): Statement =>
  code("void", at, value, simd(0x5b), ALIGN_8, unsigned(offset), 0);

/** Sum of the four lanes. */
export const laneSum = (value: V128Local): F32 =>
  fadd(fadd(lane(value.get, 0), lane(value.get, 1)), fadd(lane(value.get, 2), lane(value.get, 3)));

export interface Local<T extends ValueType> {
  readonly get: Code<T>;
  set(value: Code<T>): Statement;
}
export type I32Local = Local<"i32">;
export type V128Local = Local<"v128">;

export function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    get: code(type, 0x20, unsigned(index)),
    set: (value) => code("void", value, 0x21, unsigned(index)),
  };
}

export function sequence(...statements: Statement[]): Statement {
  return { type: "void", bytes: statements.flatMap(({ bytes }) => bytes) };
}

const VOID_BLOCK = 0x40;
const END = 0x0b;

export function when(condition: I32, then: Statement[], otherwise: Statement[] = []): Statement {
  const alternative = otherwise.length === 0 ? [] : [0x05, ...sequence(...otherwise).bytes];
  return code("void", condition, 0x04, VOID_BLOCK, sequence(...then).bytes, alternative, END);
}

export function whileTrue(condition: I32, body: Statement[]): Statement {
  const leave = [0x0d, 1];
  const again = [0x0c, 0];
  return code(
    "void",
    [0x02, VOID_BLOCK, 0x03, VOID_BLOCK],
    isZero(condition),
    leave,
    sequence(...body).bytes,
    again,
    [END, END],
  );
}

/** `for (index = from; index < to; index += step)`, on unsigned numbers. */
export function forRange(
  index: I32Local,
  { from, to, step = 1 }: { from: I32; to: I32; step?: number },
  body: Statement[],
): Statement {
  return sequence(
    index.set(from),
    whileTrue(below(index.get, to), [...body, index.set(add(index.get, i32(step)))]),
  );
}

/** Call of a function without a result. */
export function callFunction(index: number, args: Code<ValueType>[]): Statement {
  return code("void", ...args, 0x10, unsigned(index));
}
