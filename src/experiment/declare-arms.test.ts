import { expect, test } from "vitest";
import { canonicalHash } from "../store/canonical-json.ts";
import { type Arm, armOf, recordedLatents, steeredArm, unsteeredArm } from "./arms.ts";
import { declareArms } from "./declare-arms.ts";

const context = { saeHash: "sae-hash", layer: 15 };
const declare = (arms: Arm[]) => declareArms({ arms, context });
const contentOf = (arm: Arm) => declare([arm])[0]?.content;

test("the plain arms have the content that earlier runs were keyed with", () => {
  expect(contentOf(steeredArm())).toEqual({
    steer: "sae-latent",
    sae: "sae-hash",
    layer: 15,
    positions: "all",
  });
  expect(contentOf(unsteeredArm())).toEqual({ steer: null });
});

const meta = { text: "Stay with the question.", place: "after", judged: false } as const;
const VARIANTS: [string, Partial<Arm>][] = [
  ["half the threshold", { steering: { by: "latent", level: { kind: "threshold", times: 0.5 } } }],
  ["a shared level", { steering: { by: "latent", level: { kind: "shared", deviations: 1 } } }],
  ["a divergence", { steering: { by: "latent", level: { kind: "kl", nats: 0.5 } } }],
  ["another divergence", { steering: { by: "latent", level: { kind: "kl", nats: 1 } } }],
  ["a contrastive vector", { steering: { by: "contrast", level: { kind: "threshold", times: 1 } } }],
  ["an ablation", { ablation: { latents: [1, 2], value: 0, share: 1 } }],
  ["an ablation in another order", { ablation: { latents: [2, 1], value: 0, share: 1 } }],
  ["a partial ablation", { ablation: { latents: [1, 2], value: 0, share: 0.5 } }],
  ["another value", { ablation: { latents: [1, 2], value: 3, share: 1 } }],
  ["a meta-prompt", { metaPrompt: meta }],
  ["a meta-prompt elsewhere", { metaPrompt: { ...meta, place: "system" } }],
  ["a meta-prompt that the judge reads", { metaPrompt: { ...meta, judged: true } }],
  ["a start", { prefill: { kind: "text", text: "Bees hum." } }],
  ["an adapter", { adapter: { path: "a.gguf", hash: "hash-a" } }],
  ["another adapter", { adapter: { path: "a.gguf", hash: "hash-b" } }],
  ["positions", { positions: { kind: "generated" } }],
  ["a recording", { recording: { name: "detectors", latents: [1] } }],
  [
    "a recording with the steered latent",
    { recording: { name: "detectors", latents: [1], withSteered: true } },
  ],
  ["two of these", { metaPrompt: meta, ablation: { latents: [1, 2], value: 0, share: 1 } }],
];

test("whatever makes an arm differ makes its content differ", () => {
  const contents = [{}, ...VARIANTS.map(([, parts]) => parts)].map((parts) => contentOf(steeredArm(parts)));
  const hashes = contents.map((content) => canonicalHash(content));
  expect(new Set(hashes).size).toBe(VARIANTS.length + 1);
});

test("neither its name nor where its adapter lies is a part of an arm's content", () => {
  const adapter = { path: "a.gguf", hash: "hash-a" };
  const one = steeredArm({ name: "one", adapter });
  const other = steeredArm({ name: "other", adapter: { ...adapter, path: "/elsewhere/b.gguf" } });
  expect(contentOf(one)).toEqual(contentOf(other));
});

test("a start is named by what its source does, not by the source's name", () => {
  const started = (source: string) =>
    unsteeredArm({ name: "started", prefill: { kind: "arm", arm: source, tokens: 8, sameLengthAs: [] } });
  const content = (source: Arm) => declare([source, started(source.name)])[1]?.content;
  expect(content(steeredArm({ name: "a" }))).toEqual(content(steeredArm({ name: "b" })));
  expect(content(steeredArm({ name: "a" }))).not.toEqual(content(unsteeredArm({ name: "a" })));
});

test("starts and recordings that say no more than they could say earlier have the content that earlier runs were keyed with", () => {
  const start = { kind: "arm", arm: "steered", tokens: 8, sameLengthAs: [] } as const;
  const started = (parts: object) =>
    unsteeredArm({ name: "started", prefill: { ...start, sameLengthAs: [], ...parts } });
  const content = (parts: object) => declare([steeredArm(), started(parts)])[1]?.content;
  const { kind, tokens, sameLengthAs } = start;
  const from = contentOf(steeredArm());
  expect(content({})).toEqual({ steer: null, prefill: { kind, from, tokens, sameLengthAs } });
  expect(content({ followedBy: " Wait." })).toEqual({
    steer: null,
    prefill: { kind, from, tokens, sameLengthAs, followedBy: " Wait." },
  });
  expect(contentOf(unsteeredArm({ recording: { name: "detectors", latents: [1] } }))).toEqual({
    steer: null,
    record: { name: "detectors", latents: [1], sae: "sae-hash", layer: 15 },
  });
});

test("a recording has the unit's own latent once, where it is wanted", () => {
  const recording = { name: "watched", latents: [1, 2] };
  const of = (latent: number, withSteered?: true) =>
    recordedLatents({
      recording: { ...recording, ...(withSteered === undefined ? {} : { withSteered }) },
      unit: { latent },
    });
  expect(of(9)).toEqual([1, 2]);
  expect(of(9, true)).toEqual([1, 2, 9]);
  expect(of(2, true)).toEqual([1, 2]);
});

test("arms that two designs declare alike are one arm", () => {
  expect(declare([steeredArm(), unsteeredArm(), steeredArm()]).map(({ name }) => name)).toEqual([
    "steered",
    "unsteered",
  ]);
});

test.each<[string, Arm[], RegExp]>([
  ["two names for one arm", [steeredArm(), steeredArm({ name: "again" })], /do the same/],
  ["one name for two arms", [steeredArm(), unsteeredArm({ name: "steered" })], /Two different arms/],
  ["no name", [steeredArm({ name: " " })], /no name/],
  ["an empty ablation", [steeredArm({ ablation: { latents: [], value: 0, share: 1 } })], /no latent/],
  ["a latent twice", [steeredArm({ ablation: { latents: [1, 1], value: 0, share: 1 } })], /twice/],
  ["no share", [steeredArm({ ablation: { latents: [1], value: 0, share: 0 } })], /share/],
  [
    "steering by nothing",
    [armOf({ name: "x", steering: { by: "latent", level: { kind: "threshold", times: 0 } } })],
    /multiple/,
  ],
  ["an empty recording", [steeredArm({ recording: { name: "x", latents: [] } })], /records no latent/],
  [
    "nothing behind a start",
    [
      steeredArm(),
      unsteeredArm({ prefill: { kind: "arm", arm: "steered", tokens: 8, sameLengthAs: [], followedBy: "" } }),
    ],
    /empty text/,
  ],
  ["an empty meta-prompt", [steeredArm({ metaPrompt: { ...meta, text: " " } })], /empty text/],
  [
    "a start of an arm that is not there",
    [unsteeredArm({ prefill: { kind: "arm", arm: "steered", tokens: 8, sameLengthAs: [] } })],
    /no such arm/,
  ],
])("refused: %s", (_, arms, message) => {
  expect(() => declare(arms)).toThrow(message);
});
