/** Refuses requests that can't be done exactly as asked, before anything is computed. */
import { CountersteerError, type ErrorCode } from "../../errors.ts";
import { checkGbnf } from "../check-gbnf.ts";
import type { Edit, Intervention, ModelInfo, Sampling } from "../engine.ts";

export interface RequestShape {
  id: string;
  tokens: Int32Array;
  /** Tokens that will be sampled beyond `tokens`. */
  newTokens: number;
  intervention?: Intervention | undefined;
  sampling?: Sampling | undefined;
  /** GBNF that the response must follow. */
  grammar?: string | undefined;
  /** Layers read by recording or capture. */
  readLayers: number[];
  /** Of a capture that says where its response begins. */
  promptTokens?: number | undefined;
}

export function validateRequest({
  shape,
  info,
  contextPerSlot,
  grammars = new Set(),
}: {
  shape: RequestShape;
  info: ModelInfo;
  contextPerSlot: number;
  /** Grammars already found good: many requests of a call share one. */
  grammars?: Set<string>;
}): void {
  const { id, tokens, newTokens, intervention, sampling, grammar, readLayers } = shape;
  if (tokens.length === 0) {
    refuse(
      "PROMPT_EMPTY",
      `Request ${id} has no tokens.`,
      "A model can't continue nothing.",
      "Give a prompt.",
      { id },
    );
  }
  const total = tokens.length + newTokens;
  if (total > contextPerSlot) {
    refuse(
      "CONTEXT_OVERFLOW",
      `Request ${id} needs ${total} tokens (${tokens.length} + ${newTokens}).`,
      `A slot of this engine holds ${contextPerSlot}.`,
      "Shorten the prompt, lower `--max-tokens`, or raise `--context`.",
      { id, promptTokens: tokens.length, newTokens, contextPerSlot },
    );
  }
  checkTokens({ id, tokens, info });
  const { promptTokens = tokens.length } = shape;
  if (!Number.isInteger(promptTokens) || promptTokens < 1 || promptTokens > tokens.length) {
    refuse(
      "REQUEST_INVALID",
      `Request ${id} says that ${promptTokens} of its tokens are prompt.`,
      `It has ${tokens.length} tokens, and at least one of them is prompt.`,
      "Give where the response begins, or leave it out.",
      { id, promptTokens, tokens: tokens.length },
    );
  }
  for (const layer of [...readLayers, ...(intervention ? [intervention.layer] : [])]) {
    checkLayer({ layer, info });
  }
  if (intervention) {
    checkEdits(id, intervention, info);
  }
  if (grammar !== undefined && !grammars.has(grammar)) {
    checkGbnf(grammar);
    grammars.add(grammar);
  }
  if (sampling) {
    checkSampling(id, sampling);
  } else if (intervention?.positions.kind === "until-phrase") {
    refuse(
      "REQUEST_INVALID",
      `Request ${id} edits until a phrase in the response.`,
      "Scoring and capture are given tokens without a word on where the response begins.",
      "Give the edited rows as a range.",
      { id },
    );
  }
}

/** Throws REQUEST_INVALID for a token that the vocabulary lacks. */
export function checkTokens({ id, tokens, info }: { id: string; tokens: Int32Array; info: ModelInfo }): void {
  const bad = tokens.find((token) => token < 0 || token >= info.vocabulary);
  if (bad !== undefined) {
    refuse(
      "REQUEST_INVALID",
      `Request ${id} holds token ${bad}.`,
      `The vocabulary has ${info.vocabulary}.`,
      "Tokenize with this model.",
      { id, token: bad },
    );
  }
}

/** Throws LAYER_OUT_OF_RANGE. */
export function checkLayer({ layer, info }: { layer: number; info: ModelInfo }): void {
  if (!Number.isInteger(layer) || layer < 0 || layer >= info.layers) {
    refuse(
      "LAYER_OUT_OF_RANGE",
      `Layer ${layer} was asked for.`,
      `${info.name} has layers 0 to ${info.layers - 1}.`,
      "Give a layer in that range.",
      { layer, layers: info.layers },
    );
  }
}

function checkEdits(id: string, { edits }: Intervention, info: ModelInfo): void {
  if (edits.length > 1 && edits.some(({ kind }) => kind === "replace")) {
    refuse(
      "REQUEST_INVALID",
      `Request ${id} replaces rows and edits them in another way too.`,
      "All edits of an intervention read the same row, and a replaced row leaves nothing of it.",
      "Give the replacement alone.",
      { id, edits: edits.map(({ kind }) => kind) },
    );
  }
  for (const edit of edits) {
    const amount = edit.kind === "add" ? edit.strength : edit.kind === "clamp" ? edit.value : 0;
    if (!Number.isFinite(amount)) {
      refuse(
        "REQUEST_INVALID",
        `An edit of request ${id} has the amount ${amount}.`,
        "It is no finite number.",
        "Give a finite strength or value.",
        { id },
      );
    }
    if (edit.kind === "clamp" && edit.share !== undefined && !(edit.share > 0 && edit.share <= 1)) {
      refuse(
        "REQUEST_INVALID",
        `A clamp of request ${id} goes ${edit.share} of its way.`,
        "A share lies above 0 and up to 1.",
        "Give such a share, or none.",
        { id, share: edit.share },
      );
    }
    const vector = givenVector(edit);
    if (vector !== null && vector.length !== info.dModel) {
      refuse(
        "SAE_MISMATCH",
        `A vector of request ${id} has ${vector.length} numbers.`,
        `The residual stream of ${info.name} has ${info.dModel}.`,
        "Give a vector of this model.",
        { id, length: vector.length, dModel: info.dModel },
      );
    }
    if (edit.kind === "replace" && vector?.some((value) => !Number.isFinite(value))) {
      refuse(
        "REQUEST_INVALID",
        `The vector that request ${id} puts in place of rows is not finite.`,
        "The model would go on with NaN.",
        "Give finite numbers.",
        { id },
      );
    }
  }
}

/** The vector that an edit brings with it. */
function givenVector(edit: Edit): Float32Array | null {
  if (edit.kind === "add" && "vector" in edit.direction) {
    return edit.direction.vector;
  }
  return edit.kind === "replace" && edit.by.kind === "vector" ? edit.by.vector : null;
}

function checkSampling(id: string, s: Sampling): void {
  const rules: [boolean, string][] = [
    [Number.isFinite(s.temperature) && s.temperature >= 0, "temperature must be 0 or more"],
    [s.topP > 0 && s.topP <= 1, "topP must lie in (0, 1]"],
    [Number.isInteger(s.topK) && s.topK >= 0, "topK must be a whole number, 0 is off"],
    [s.minP >= 0 && s.minP < 1, "minP must lie in [0, 1)"],
    [Number.isFinite(s.repetitionPenalty) && s.repetitionPenalty > 0, "repetitionPenalty must be above 0"],
    [Number.isSafeInteger(s.seed) && s.seed >= 0, "seed must be a whole number in [0, 2^53)"],
    [Number.isInteger(s.maxTokens) && s.maxTokens > 0, "maxTokens must be a whole number above 0"],
    [s.stop.every((each) => each.length > 0), "stop strings must not be empty"],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) {
    refuse(
      "REQUEST_INVALID",
      `The sampling of request ${id} can't be used.`,
      `The rule is: ${broken[1]}.`,
      "Correct the sampling settings.",
      { id, rule: broken[1] },
    );
  }
}

function refuse(
  code: ErrorCode,
  what: string,
  why: string,
  todo: string,
  facts: Record<string, unknown>,
): never {
  throw new CountersteerError(code, { what, why, todo, facts });
}
