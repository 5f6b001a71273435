/** A WebAssembly module put together from functions without results, over one imported shared memory. */
import {
  type Code,
  callFunction,
  type Local,
  localAt,
  type Statement,
  sequence,
  unsigned,
  type ValueType,
} from "./expressions.ts";

const TYPE_BYTE: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

type Locals<P extends Record<string, ValueType>> = { [Name in keyof P]: Local<P[Name]> };

export interface WasmFunction<P extends Record<string, ValueType>> {
  call(args: { [Name in keyof P]: Code<P[Name]> }): Statement;
}

interface Encoded {
  name: string | null;
  parameters: ValueType[];
  locals: ValueType[];
  body: readonly number[];
}

export interface FunctionScope<P extends Record<string, ValueType>> {
  parameters: Locals<P>;
  local<T extends ValueType>(type: T): Local<T>;
}

export class ModuleBuilder {
  readonly #functions: Encoded[] = [];
  readonly #pages: number;

  /** @param pages size of the memory, exact. */
  constructor({ pages }: { pages: number }) {
    this.#pages = pages;
  }

  /** Adds a function; `exported` makes it visible under its name. A function can be called by those added after it. */
  add<P extends Record<string, ValueType>>({
    name,
    exported,
    parameters,
    body,
  }: {
    name: string;
    exported: boolean;
    parameters: P;
    body: (scope: FunctionScope<P>) => Statement[];
  }): WasmFunction<P> {
    const names = Object.keys(parameters);
    const types: ValueType[] = Object.values(parameters);
    const locals: ValueType[] = [];
    const scope = Object.fromEntries(
      Object.entries<ValueType>(parameters).map(([key, type], at) => [key, localAt(type, at)]),
    );
    const statements = body({
      // built from the entries of P just above
      parameters: scope as unknown as Locals<P>,
      local(type) {
        locals.push(type);
        return localAt(type, types.length + locals.length - 1);
      },
    });
    const index = this.#functions.length;
    this.#functions.push({
      name: exported ? name : null,
      parameters: types,
      locals,
      body: sequence(...statements).bytes,
    });
    return {
      call: (args) =>
        callFunction(
          index,
          names.map((key) => {
            const value = args[key];
            if (value === undefined) throw new Error(`${name} is called without ${key}`);
            return value;
          }),
        ),
    };
  }

  encode(): Uint8Array<ArrayBuffer> {
    const functions = this.#functions;
    const limits = [0x03, ...unsigned(this.#pages), ...unsigned(this.#pages)];
    const exported = functions.flatMap(({ name }, index) => (name === null ? [] : [{ name, index }]));
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(
        1,
        functions.map(({ parameters }) => [
          0x60,
          ...vector(parameters.map((type) => [TYPE_BYTE[type]])),
          0x00,
        ]),
      ),
      ...section(2, [[...text("env"), ...text("memory"), 0x02, ...limits]]),
      ...section(
        3,
        functions.map((_, index) => unsigned(index)),
      ),
      ...section(
        7,
        exported.map(({ name, index }) => [...text(name), 0x00, ...unsigned(index)]),
      ),
      ...section(
        10,
        functions.map(({ locals, body }) => {
          const whole = [...vector(locals.map((type) => [1, TYPE_BYTE[type]])), ...body, 0x0b];
          return [...unsigned(whole.length), ...whole];
        }),
      ),
    ]);
  }
}

function vector(items: number[][]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, items: number[][]): number[] {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}
