import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import type { Document } from "./documents.ts";
import { readDocuments } from "./read-documents.ts";

async function read(files: string[]): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const document of readDocuments({ files })) documents.push(document);
  return documents;
}

async function readOne(name: string, content: string | Uint8Array): Promise<Document[]> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, name);
  await writeFile(file, content);
  return await read([file]);
}

/** No line separator that only some readers know may cut a document in two. */
const awkward = fc.string({
  unit: fc.constantFrom("a", "é", "💧", "\n", "\r", "\u2028", "\u2029", '"', " "),
});

it("gives back every document that was written, whatever its characters", async () => {
  const documents = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("text" as const), text: awkward.map((text) => `x${text}`) }),
      fc.record({
        kind: fc.constant("chat" as const),
        topic: awkward,
        prompt: awkward.map((text) => `${text}?`),
        response: awkward,
      }),
    ),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(documents, async (written) => {
      const lines = written.map((document) => `${JSON.stringify(document)}\n`);
      expect(await readOne("corpus.jsonl", lines.join(""))).toEqual(written);
    }),
    { numRuns: 50 },
  );
});

it("reads characters that lie across the pieces in which a file is read", async () => {
  const text = `a${"é💧".repeat(60_000)}`;
  const [document] = await readOne("corpus.jsonl", JSON.stringify({ kind: "text", text }));
  expect(document).toEqual({ kind: "text", text });
});

it("reads files in the order in which they were given", async () => {
  await using folder = await temporaryFolder();
  const [a, b] = [join(folder.path, "a.txt"), join(folder.path, "b.TXT")];
  await writeFile(a, "first");
  await writeFile(b, "second\r\nline\r\n");
  expect(await read([b, a])).toEqual([
    { kind: "text", text: "second\nline" },
    { kind: "text", text: "first" },
  ]);
});

it("a text's documents together are its paragraphs, joined where they are short", async () => {
  const paragraph = fc.integer({ min: 1, max: 3000 }).map((length) => "w".repeat(length));
  await fc.assert(
    fc.asyncProperty(fc.array(paragraph, { minLength: 1, maxLength: 12 }), async (paragraphs) => {
      const documents = await readOne("text.txt", paragraphs.join("\n \n\n"));
      const texts = documents.map((document) => (document.kind === "text" ? document.text : ""));
      expect(texts.join("\n\n")).toBe(paragraphs.join("\n\n"));
      texts.forEach((text, i) => {
        expect(text.length <= 2000 || !text.includes("\n\n")).toBe(true);
        const next = texts[i + 1]?.split("\n\n")[0];
        if (next !== undefined) expect(text.length + 2 + next.length).toBeGreaterThan(2000);
      });
    }),
    { numRuns: 30 },
  );
});

it.each([
  ["broken JSON", '{"kind":"text","text":"good"}\n\n{"kind":\n', 3],
  ["another shape", '{"kind":"text","text":"good"}\n{"kind":"poem","text":"x"}\n', 2],
  ["an empty text", '{"kind":"text","text":""}\n', 1],
  ["a chat without an answer", '{"kind":"chat","prompt":"x"}\n', 1],
])("refuses %s with file and line", async (_, content, line) => {
  await expect(readOne("bad.jsonl", content)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    facts: { line, file: expect.stringMatching(/bad\.jsonl$/) },
  });
});

it.each([
  ["nothing.txt", "\n \n\n"],
  ["nothing.jsonl", ""],
  ["latin1.txt", Uint8Array.of(0x61, 0xe9, 0x0a)],
  ["corpus.csv", "a,b"],
])("refuses the file %s", async (name, content) => {
  await expect(readOne(name, content)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    facts: { file: expect.stringContaining(name) },
  });
});

it("refuses a file that is not there", async () => {
  await expect(read(["no-such-file.jsonl"])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});
