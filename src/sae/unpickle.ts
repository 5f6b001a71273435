/**
 * Reads the pickle of a torch file that holds a state dictionary, and nothing else. A pickle is a program; this machine knows the few
 * instructions that a dictionary of tensors needs, calls nothing, and refuses every other instruction and every other name.
 * Instructions: Python's `pickletools`. What torch writes: `torch/serialization.py` and `torch/_utils.py`.
 */
import { CountersteerError } from "../errors.ts";
import type { FloatDtype } from "./float-bits.ts";
import { PickleReader } from "./pickle-reader.ts";

/** A tensor of a torch file: a view of a storage, which is a member of the zip. */
export interface PickledTensor {
  dtype: FloatDtype;
  /** Name of the member below `data/`, and the elements that it holds. */
  storage: string;
  storageElements: number;
  offset: number;
  shape: number[];
  strides: number[];
}

type Value =
  | null
  | boolean
  | number
  | string
  | { kind: "global"; name: string }
  | { kind: "tuple"; items: Value[] }
  | { kind: "dict"; entries: Map<string, Value> }
  | { kind: "storage"; dtype: FloatDtype; key: string; elements: number }
  | { kind: "tensor"; tensor: PickledTensor };

const STORAGES: Readonly<Record<string, FloatDtype>> = {
  "torch.DoubleStorage": "float64",
  "torch.FloatStorage": "float32",
  "torch.HalfStorage": "float16",
  "torch.BFloat16Storage": "bfloat16",
};
const DICT = "collections.OrderedDict";
const TENSOR = "torch._utils._rebuild_tensor_v2";
const PARAMETER = "torch._utils._rebuild_parameter";
const GLOBALS = new Set([DICT, TENSOR, PARAMETER, ...Object.keys(STORAGES)]);

/** The names of what may stand in a pickle and is refused; any other number is refused by itself. */
const REFUSED: Readonly<Record<number, string>> = {
  80: "PERSID",
  98: "BUILD",
  105: "INST",
  111: "OBJ",
  129: "NEWOBJ",
  130: "EXT1",
  131: "EXT2",
  132: "EXT4",
  146: "NEWOBJ_EX",
  151: "NEXT_BUFFER",
};

/** Stands on the stack where a MARK was put. */
const MARK = Symbol("mark");

class Machine {
  readonly #in: PickleReader;
  readonly #stack: (Value | typeof MARK)[] = [];
  readonly #memo = new Map<number, Value>();

  constructor(reader: PickleReader) {
    this.#in = reader;
  }

  run(): Value {
    for (;;) {
      const code = this.#in.byte();
      if (code === 0x2e) return this.#pop();
      this.#step(code);
    }
  }

  #step(code: number): void {
    const reader = this.#in;
    switch (code) {
      case 0x80: // PROTO
        reader.byte();
        break;
      case 0x95: // FRAME
        reader.take(8);
        break;
      case 0x28: // MARK
        this.#stack.push(MARK);
        break;
      case 0x4e: // NONE
        this.#push(null);
        break;
      case 0x88: // NEWTRUE
        this.#push(true);
        break;
      case 0x89: // NEWFALSE
        this.#push(false);
        break;
      case 0x4b: // BININT1
        this.#push(reader.byte());
        break;
      case 0x4d: // BININT2
        this.#push(reader.take(2).readUInt16LE());
        break;
      case 0x4a: // BININT
        this.#push(reader.integer(4));
        break;
      case 0x8a: // LONG1
        this.#push(reader.integer(reader.byte()));
        break;
      case 0x8c: // SHORT_BINUNICODE
        this.#push(reader.text(reader.byte()));
        break;
      case 0x58: // BINUNICODE
        this.#push(reader.text(reader.uint32()));
        break;
      case 0x7d: // EMPTY_DICT
        this.#push({ kind: "dict", entries: new Map() });
        break;
      case 0x29: // EMPTY_TUPLE
        this.#push({ kind: "tuple", items: [] });
        break;
      case 0x74: // TUPLE
        this.#push({ kind: "tuple", items: this.#popToMark() });
        break;
      case 0x85: // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        this.#push({ kind: "tuple", items: this.#popMany(code - 0x84) });
        break;
      case 0x71: // BINPUT
        this.#memo.set(reader.byte(), this.#top());
        break;
      case 0x72: // LONG_BINPUT
        this.#memo.set(reader.uint32(), this.#top());
        break;
      case 0x94: // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        break;
      case 0x68: // BINGET
        this.#push(this.#remembered(reader.byte()));
        break;
      case 0x6a: // LONG_BINGET
        this.#push(this.#remembered(reader.uint32()));
        break;
      case 0x63: // GLOBAL
        this.#pushGlobal(reader.line(), reader.line());
        break;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        this.#pushGlobal(this.#pop(), name);
        break;
      }
      case 0x51: // BINPERSID
        this.#push(this.#storage(this.#pop()));
        break;
      case 0x52: // REDUCE
        this.#reduce();
        break;
      case 0x73: // SETITEM
        this.#setItems(this.#popMany(2));
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#popToMark());
        break;
      case 0x62: // BUILD
        this.#build();
        break;
      default:
        throw this.#refused(code);
    }
  }

  #push(value: Value): void {
    this.#stack.push(value);
  }

  #pop(): Value {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#in.damaged("its stack is empty");
    return value;
  }

  #top(): Value {
    const value = this.#pop();
    this.#push(value);
    return value;
  }

  #popMany(count: number): Value[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #popToMark(): Value[] {
    const items: Value[] = [];
    for (let value = this.#stack.pop(); value !== MARK; value = this.#stack.pop()) {
      if (value === undefined) throw this.#in.damaged("a mark is missing");
      items.push(value);
    }
    return items.reverse();
  }

  #remembered(key: number): Value {
    const value = this.#memo.get(key);
    if (value === undefined) throw this.#in.damaged(`nothing was remembered as ${key}`);
    return value;
  }

  #pushGlobal(module: Value, name: Value): void {
    if (typeof module !== "string" || typeof name !== "string") throw this.#in.damaged("a name is no text");
    const full = `${module}.${name}`;
    if (!GLOBALS.has(full))
      throw forbidden({ path: this.#in.path, what: `the global ${full}`, facts: { global: full } });
    this.#push({ kind: "global", name: full });
  }

  /** `("storage", type, key, device, elements)` */
  #storage(id: Value): Value {
    const [tag, type, key, , elements] = itemsOf(id);
    const dtype = type !== undefined && isKind(type, "global") ? STORAGES[type.name] : undefined;
    if (tag !== "storage" || dtype === undefined || typeof key !== "string" || !isCount(elements)) {
      throw this.#in.damaged("a storage is not described as torch does");
    }
    return { kind: "storage", dtype, key, elements };
  }

  #reduce(): void {
    const [callable = null, args = null] = this.#popMany(2);
    const name = isKind(callable, "global") ? callable.name : null;
    const given = itemsOf(args);
    if (name === DICT && given.length === 0) {
      this.#push({ kind: "dict", entries: new Map() });
    } else if (name === TENSOR) {
      this.#push({ kind: "tensor", tensor: this.#tensor(given) });
    } else if (name === PARAMETER && given[0] !== undefined && isKind(given[0], "tensor")) {
      this.#push(given[0]);
    } else {
      throw this.#in.damaged(
        `${name ?? "what is no function"} is called with other things than torch gives it`,
      );
    }
  }

  /** `(storage, offset, shape, strides, requires_grad, hooks)` */
  #tensor([storage = null, offset, shape = null, strides = null]: Value[]): PickledTensor {
    const sizes = itemsOf(shape);
    const steps = itemsOf(strides);
    const isSound =
      isCount(offset) && sizes.every(isCount) && steps.every(isCount) && sizes.length === steps.length;
    if (!isKind(storage, "storage") || !isSound) {
      throw this.#in.damaged("a tensor is not described as torch does");
    }
    return {
      dtype: storage.dtype,
      storage: storage.key,
      storageElements: storage.elements,
      offset,
      shape: sizes,
      strides: steps,
    };
  }

  #setItems(items: Value[]): void {
    const dict = this.#top();
    if (!isKind(dict, "dict") || items.length % 2 !== 0)
      throw this.#in.damaged("items are set on no dictionary");
    for (let i = 0; i < items.length; i += 2) {
      const [key, value] = [items[i], items[i + 1]];
      if (typeof key !== "string" || value === undefined) throw this.#in.damaged("a key is no text");
      dict.entries.set(key, value);
    }
  }

  /** torch hangs a `_metadata` on the dictionary that a module makes; it says nothing about the numbers. */
  #build(): void {
    const state = this.#pop();
    if (!isKind(this.#top(), "dict") || !isKind(state, "dict")) throw this.#refused(0x62);
  }

  #refused(code: number): CountersteerError {
    const opcode = `${REFUSED[code] ?? "instruction"} (0x${code.toString(16).padStart(2, "0")})`;
    return forbidden({ path: this.#in.path, what: `the instruction ${opcode}`, facts: { opcode } });
  }
}

function forbidden({
  path,
  what,
  facts,
}: {
  path: string;
  what: string;
  facts: Record<string, unknown>;
}): CountersteerError {
  return new CountersteerError("SAE_UNSUPPORTED", {
    what: `${path} contains ${what}, which is refused; nothing of the file was run.`,
    why: "A torch file is a program. Only what a dictionary of tensors needs is understood, so that a file can't do anything.",
    todo: "If you trust the file, open it in Python and save its tensors alone, best as safetensors.",
    facts: { path, ...facts },
  });
}

function isKind<K extends "global" | "tuple" | "dict" | "storage" | "tensor">(
  value: Value,
  kind: K,
): value is Extract<Value, { kind: K }> {
  return typeof value === "object" && value !== null && value.kind === kind;
}

function isCount(value: Value | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function itemsOf(value: Value): Value[] {
  return isKind(value, "tuple") ? value.items : [];
}

/**
 * The tensors of a pickled state dictionary, by name. Throws SAE_UNSUPPORTED naming the instruction or the global that is refused, or for
 * anything but a dictionary of tensors; SAE_UNREADABLE for a damaged pickle.
 */
export function unpickleTensors({
  path,
  bytes,
}: {
  path: string;
  bytes: Buffer;
}): Map<string, PickledTensor> {
  const value = new Machine(new PickleReader({ path, bytes })).run();
  const tensors = new Map<string, PickledTensor>();
  if (!isKind(value, "dict")) throw forbidden({ path, what: "something else than a dictionary", facts: {} });
  for (const [name, entry] of value.entries) {
    if (!isKind(entry, "tensor")) {
      throw forbidden({ path, what: `an entry "${name}" that is no tensor`, facts: { entry: name } });
    }
    tensors.set(name, entry.tensor);
  }
  return tensors;
}
