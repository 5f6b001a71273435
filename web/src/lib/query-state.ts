/** State in the query string of the address: read through a schema, written without what is default. */
import { z } from "zod";

/** Values are texts, numbers, booleans or lists of texts. Numbers need `z.coerce`, booleans `z.stringbool()`; what may be absent is `.exactOptional()` or has a default. */
export type StateSchema = z.ZodObject<z.ZodRawShape>;

/** undefined takes a field out. */
export type Patch<T> = { [K in keyof T]?: T[K] | undefined };

/** What the query string says; a field that the schema refuses counts as absent, and so does an empty one. */
export function readState<S extends StateSchema>(schema: S, search: string): z.infer<S> {
  const params = new URLSearchParams(search);
  const raw = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const values = params.getAll(name).filter((value) => value !== "");
      if (values.length === 0) return [];
      return [[name, isList(schema, name) ? values : values[0]]];
    }),
  );
  const whole = schema.safeParse(raw);
  if (whole.success) return whole.data;
  const refused = new Set(whole.error.issues.map(({ path }) => path[0]));
  return schema.parse(Object.fromEntries(Object.entries(raw).filter(([name]) => !refused.has(name))));
}

/** The query string of a state, without `?`; fields in the schema's order. Names that the schema lacks are kept. */
export function writeState<S extends StateSchema>(schema: S, state: z.infer<S>, search = ""): string {
  const params = new URLSearchParams(search);
  const defaults: Record<string, unknown> = schema.parse({});
  const values: Record<string, unknown> = state;
  for (const name of Object.keys(schema.shape)) {
    params.delete(name);
    const texts = textsOf(values[name]);
    if (texts.join("\n") === textsOf(defaults[name]).join("\n")) continue;
    for (const text of texts) params.append(name, text);
  }
  return params.toString();
}

export function patchState<S extends StateSchema>(
  schema: S,
  state: z.infer<S>,
  patch: Patch<z.infer<S>>,
): z.infer<S> {
  const merged = Object.entries({ ...state, ...patch }).filter(([, value]) => value !== undefined);
  return readState(
    schema,
    writeState(schema, merged.length === 0 ? schema.parse({}) : fromEntries(schema, merged)),
  );
}

function fromEntries<S extends StateSchema>(schema: S, entries: [string, unknown][]): z.infer<S> {
  // the fields come from a state and a patch of the schema's own type
  return { ...schema.parse({}), ...Object.fromEntries(entries) } as z.infer<S>;
}

function textsOf(value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  return Array.isArray(value) ? value.map(String).filter((text) => text !== "") : [String(value)];
}

function isList(schema: StateSchema, name: string): boolean {
  let field: unknown = schema.shape[name];
  while (
    field instanceof z.ZodDefault ||
    field instanceof z.ZodOptional ||
    field instanceof z.ZodExactOptional
  ) {
    field = field.unwrap();
  }
  return field instanceof z.ZodArray;
}
