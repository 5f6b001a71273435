import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { apiOfSources } from "./api-of-sources.ts";
import { apiPages } from "./api-pages.ts";
import { readDeclarations } from "./declarations.ts";
import { publicNames } from "./public-names.ts";

const API = new URL("../../docs/api/", import.meta.url);

// the compiler reads all sources
test("docs/api/ is the public interface as the compiler sees it: `npm run docs` writes it", {
  timeout: 600_000,
}, () => {
  const pages = apiOfSources();
  expect(readdirSync(API).sort()).toEqual(pages.map(({ file }) => file).sort());
  for (const { file, text } of pages) expect(readFileSync(new URL(file, API), "utf8"), file).toBe(text);
});

const SOURCE = `/** What the file is for. */
import { b } from "./b.ts";

/** Says hello. Throws nothing. */
export function hello(name: string): string {
  return name + b;
}
export const wide = { a: 1 };
`;
const TEXT = `/** What the file is for. */
export interface Options {
    /** Not the end; } of it. */
    inner: {
        a: string;
    };
}
/** Says hello. Throws nothing. */
export declare function hello(name: string, { a, }?: {
    a?: () => void;
}): string;
export declare const wide: import("./c.ts").Wide;
declare const hidden = 1;
export { other } from "./b.ts";
`;

test("declarations are read whole, with their own comment and without the file's", () => {
  const { header, names, passedOn } = readDeclarations({ text: TEXT, source: SOURCE });
  expect(header).toBe("What the file is for.");
  expect([...names.keys()]).toEqual(["Options", "hello", "wide"]);
  expect(names.get("Options")).toEqual({
    text: "interface Options {\n  /** Not the end; } of it. */\n  inner: {\n    a: string;\n  };\n}",
    doc: "",
  });
  expect(names.get("hello")).toEqual({
    text: "function hello(name: string, { a, }?: {\n  a?: () => void;\n}): string;",
    doc: "Says hello. Throws nothing.",
  });
  expect(names.get("wide")?.text).toBe("const wide: Wide;");
  expect(passedOn.get("other")).toBe("./b.ts");
});

test("a name that nothing documents, or that no file declares, is refused", () => {
  const declarationsOf = () => readDeclarations({ text: "export declare const a = 1;\n", source: "" });
  const of = (declared: string) => [{ name: declared, declared, file: "x/y.ts" }];
  expect(() => apiPages({ names: of("a"), declarationsOf })).toThrow("nothing says what a is");
  expect(() => apiPages({ names: of("b"), declarationsOf })).toThrow("declares no b");
});

test("the index may hold nothing but exports of names, its own and those of a layer's index", () => {
  const read = (file: string) => (file === "z/index.ts" ? 'export { e } from "./e.ts";\n' : "const a = 1;\n");
  const index = 'export { a, type B, c as d } from "./x/y.ts";\nexport * from "./z/index.ts";\n';
  expect(publicNames({ index, read })).toEqual([
    { name: "a", declared: "a", file: "x/y.ts" },
    { name: "B", declared: "B", file: "x/y.ts" },
    { name: "d", declared: "c", file: "x/y.ts" },
    { name: "e", declared: "e", file: "z/e.ts" },
  ]);
  expect(() => publicNames({ index: "export const a = 1;\n", read })).toThrow("more than exports");
  expect(() => publicNames({ index: 'export * from "./y/index.ts";\n', read })).toThrow("more than exports");
});
