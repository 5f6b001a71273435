/** The public interface of the package. Whatever is not named here may change without notice. */

export { type ActivationFile, openActivations } from "./activations/activation-file.ts";
export { type Ask, asksAbout } from "./activations/ask-about.ts";
export type { ChatDocument, Document } from "./activations/documents.ts";
export {
  type EvaluateDictionariesOptions,
  type EvaluationWithLatents,
  evaluateDictionaries,
} from "./activations/evaluate-dictionary.ts";
export { type GenerateAnswersOptions, generateAnswers } from "./activations/generate-answers.ts";
export { type ReadDocumentsOptions, readDocuments } from "./activations/read-documents.ts";
export {
  type PreparedRows,
  type PrepareProgress,
  type PrepareRowsOptions,
  prepareRows,
} from "./activations/train/prepare-rows.ts";
export {
  parseRecipe as parseDictionaryRecipe,
  type Recipe as DictionaryRecipe,
} from "./activations/train/recipe.ts";
export {
  type TrainDictionaryOptions,
  type TrainedDictionary,
  trainDictionary,
} from "./activations/train/train-dictionary.ts";
export { type WriteActivationsOptions, writeActivations } from "./activations/write-activations.ts";
export { type ChatTokensOptions, chatTokens } from "./engine/chat-tokens.ts";
export { type CheckSaeOptions, checkSae } from "./engine/check-sae.ts";
export {
  type AddEdit,
  type CallOptions,
  type Capture,
  type CaptureRequest,
  type ClampEdit,
  type Direction,
  type DivergenceRequest,
  type Divergences,
  type Edit,
  type EditReceipt,
  type Engine,
  type FinishReason,
  type Generation,
  type GenerationRequest,
  GREEDY,
  type Intervention,
  type ModelInfo,
  type Positions,
  type Receipt,
  type Recording,
  type ReplaceEdit,
  type Replacement,
  type Sampling,
  type ScoreRequest,
  type TokenScores,
  type WeightMode,
} from "./engine/engine.ts";
export type { EngineHealth } from "./engine/health.ts";
export { JSON_OBJECT_GRAMMAR, jsonSchemaGrammar, type OpenEnds } from "./engine/json-schema-grammar.ts";
export { openDenseProduct } from "./engine/llama/dense-product.ts";
export { type LlamaEngineOptions, openLlamaEngine } from "./engine/llama/engine.ts";
export { openUnembedding, type Unembedding, type UnembeddingOptions } from "./engine/llama/unembedding.ts";
export type { FastType } from "./engine/llama/weights.ts";
export { openVllmEngine, type VllmEngine, type VllmEngineOptions } from "./engine/vllm/engine.ts";
export {
  type StartCommand,
  type StartOptions,
  shellText,
  startCommand,
} from "./engine/vllm/start-command.ts";
export { type AppliedAdapter, withAdapter } from "./engine/with-adapter.ts";
export {
  CountersteerError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorFacts,
  type ErrorRecord,
  fromErrorRecord,
  isCode,
  toErrorRecord,
} from "./errors.ts";
export type { AdapterOf } from "./experiment/arm-adapter.ts";
export {
  type Ablation,
  type Adapter,
  type Arm,
  type ArmRecording,
  armOf,
  type DeclaredArm,
  type Level,
  type MetaPrompt,
  type Prefill,
  type Steering,
  steeredArm,
  type Unit,
  unsteeredArm,
} from "./experiment/arms.ts";
export {
  type CalibrateOptions as CalibrationOptions,
  calibrationFor,
  judgeOf,
  unsteeredAnswers,
} from "./experiment/calibrate-judge.ts";
export { configSchema, parseConfig, type RunConfig } from "./experiment/config.ts";
export { type ArmContext, declareArms } from "./experiment/declare-arms.ts";
export {
  against,
  type Declaration,
  type DeclareContext,
  type Design,
  type DesignParts,
  defineDesign,
} from "./experiment/design.ts";
export {
  DESIGNS,
  type DeclaredDesigns,
  type DesignChoice,
  declareDesigns,
} from "./experiment/design-list.ts";
export { type ExportedLabels, type ExportLabelsOptions, exportLabels } from "./experiment/export-labels.ts";
export { type ImportedLabels, type ImportLabelsOptions, importLabels } from "./experiment/import-labels.ts";
export { type ImportReferenceOptions, importReference } from "./experiment/import-reference.ts";
export { judgeAgreement, type RunAgreement, type RunAgreementOptions } from "./experiment/judge-agreement.ts";
export { type JudgedStored, type JudgeStoredOptions, judgeStored } from "./experiment/judge-stored.ts";
export type { JudgingTask } from "./experiment/judging-task.ts";
export { type NeededFile, neededFiles } from "./experiment/needed-files.ts";
export {
  type JudgeAccess,
  type OpenJudgeOptions,
  openJudge,
  type SessionJudge,
} from "./experiment/open-judge.ts";
export { type Plan, type PlanOptions, planOf, planText, planUnopened } from "./experiment/plan.ts";
export { PRESETS } from "./experiment/presets.ts";
export type { OnProgress as OnRunProgress, Phase, Progress as RunProgress } from "./experiment/progress.ts";
export { type Rejudged, type RejudgeOptions, type RejudgeProgress, rejudge } from "./experiment/rejudge.ts";
export { type Replay, type ReplayOptions, replayTrial } from "./experiment/replay-trial.ts";
export { type ResumeRunOptions, resumeRun, type StartRunOptions, startRun } from "./experiment/run.ts";
export { type MachineOptions, openSession, type Session } from "./experiment/session.ts";
export type { TrainedOn } from "./experiment/trained-on.ts";
export { type BaseModel, readBaseModel } from "./finetune/adapter/base-model.ts";
export {
  type Merged as MergedAdapter,
  type MergeOptions,
  mergeAdapter,
} from "./finetune/adapter/merge-adapter.ts";
export { type AdapterFormat, readAdapter } from "./finetune/adapter/read-adapter.ts";
export { type ResolvedAdapter, resolveAdapter } from "./finetune/adapter/resolve-adapter.ts";
export { shippedAdapters } from "./finetune/adapter/shipped-adapters.ts";
export { type WriteGgufLoraOptions, writeGgufLora } from "./finetune/adapter/write-gguf.ts";
export { type WritePeftOptions, writePeft } from "./finetune/adapter/write-peft.ts";
export { type ImportDatasetOptions, importDataset } from "./finetune/data/import-dataset.ts";
export { type MakeLlmDatasetOptions, makeLlmDataset } from "./finetune/data/make-llm-dataset.ts";
export { type MakeOwnDatasetOptions, makeOwnDataset } from "./finetune/data/make-own-dataset.ts";
export type { DatasetMeta } from "./finetune/data/meta.ts";
export { type KnownPhrases, knownPhrases } from "./finetune/evaluate/classify-restart.ts";
export { type HeldOutSet, type HeldOutSetsOptions, heldOutSets } from "./finetune/evaluate/held-out-texts.ts";
export {
  type ArmWording,
  type RestartWordingOptions,
  restartWording,
} from "./finetune/evaluate/restart-wording.ts";
export {
  type MeasureRetentionOptions,
  measureRetention,
  type Retention,
} from "./finetune/evaluate/retention.ts";
export {
  type ExportedModel,
  type ExportModelOptions,
  exportModel,
} from "./finetune/hugging-face/export-model.ts";
export {
  type GgmlLoraTrainer,
  type OpenLoraTrainer,
  openLoraTrainer,
} from "./finetune/lora/open-lora-trainer.ts";
export {
  type ChooseExamplesOptions,
  type ChosenExamples,
  chooseExamples,
} from "./finetune/train/choose-examples.ts";
export { loraShape } from "./finetune/train/lora-shape.ts";
export { type Dataset, readDataset } from "./finetune/train/read-dataset.ts";
export { parseRecipe as parseAdapterRecipe, type Recipe as AdapterRecipe } from "./finetune/train/recipe.ts";
export { planSteering, type SteerPlan } from "./finetune/train/steer-plan.ts";
export { type TokeniseRecordsOptions, tokeniseRecords } from "./finetune/train/tokenise-records.ts";
export {
  type TrainAdapterOptions,
  type TrainedAdapter,
  trainAdapter,
} from "./finetune/train/train-adapter.ts";
export type { LoraFactors, LoraShape, MatrixName } from "./finetune/types.ts";
export {
  type Agreement,
  type AgreementOptions,
  agreementOf,
  type Disagreement,
  disagreements,
  type Opinion,
  type RatedResponse,
} from "./judge/agreement.ts";
export { type ResponseScores, type ScoreGivenPromptOptions, scoreGivenPrompt } from "./judge/given-prompt.ts";
export {
  type HumanLabel,
  readLabelSheet,
  type SheetRow,
  writeLabelSheet,
} from "./judge/human/label-sheet.ts";
export {
  type Attempt,
  isJudgeFailure,
  type Judge,
  type JudgedItem,
  type JudgeItem,
  type Judgement,
  type JudgementStatus,
  type JudgeOptions,
} from "./judge/judge.ts";
export { type LlmJudgeOptions, openLlmJudge } from "./judge/llm/llm-judge.ts";
export { openLocalLlmJudge } from "./judge/local-llm.ts";
export { type SplitResponse, splitRestarts } from "./judge/restart-splitter.ts";
export { type TopicalityOptions, topicalityCurve } from "./judge/topicality.ts";
export { type JudgeValidation, type ValidateJudgeOptions, validateJudge } from "./judge/validate-judge.ts";
export {
  type BacktrackingByContrast,
  type BacktrackingByLabel,
  type BacktrackingFile,
  readBacktracking,
  writeBacktracking,
} from "./latents/backtracking/backtracking-file.ts";
export { type ByContrastOptions, backtrackingByContrast } from "./latents/backtracking/by-contrast.ts";
export { type ByLabelOptions, backtrackingByLabel } from "./latents/backtracking/by-label.ts";
export { type RestartText, restartText } from "./latents/backtracking/restart-texts.ts";
export {
  type CollectContextsOptions,
  type CollectedContexts,
  collectContexts,
} from "./latents/collect-contexts.ts";
export { type Concreteness, rateConcreteness } from "./latents/concreteness.ts";
export { type LatentContexts, readContexts, writeContexts } from "./latents/contexts-file.ts";
export { type ControlFile, readControls, writeControls } from "./latents/controls/control-file.ts";
export { type CollectFiringOptions, collectFiring, type Firing } from "./latents/controls/firing.ts";
export {
  type ControlSets,
  type MatchControlsOptions,
  matchControls,
} from "./latents/controls/match-controls.ts";
export {
  type DetectorFile,
  detectorLatents,
  readDetectors,
  writeDetectors,
} from "./latents/detectors/detector-file.ts";
export { type FindDetectorsOptions, findDetectors } from "./latents/detectors/find-detectors.ts";
export type { Readings } from "./latents/detectors/readings.ts";
export { type DetectorRule, type DetectorSettings, RULE_SETTINGS } from "./latents/detectors/rules.ts";
export { type SelectDetectorsOptions, selectDetectors } from "./latents/detectors/select-detectors.ts";
export { type LabelLatentsOptions, labelLatents } from "./latents/label-latents.ts";
export { type Lexicon, readLexicon } from "./latents/lexicon.ts";
export { type Neighbour, neighboursOf as latentNeighbours } from "./latents/neighbours.ts";
export {
  type PromotedTokens,
  type PromotedTokensOptions,
  promotedTokens,
} from "./latents/promoted-tokens.ts";
export { type LoadPromptsOptions, loadPrompts } from "./latents/prompt-set.ts";
export { type Selection, type SelectLatentsOptions, selectLatents } from "./latents/select-latents.ts";
export { openLlmClient } from "./llm/client.ts";
export { cacheDir } from "./model/cache-dir.ts";
export { type ChatMessage, type RenderChatOptions, renderChat } from "./model/chat.ts";
export { type GgufInfo, readGgufInfo } from "./model/gguf-info.ts";
export type { OnProgress, PullPhase, PullProgress } from "./model/progress.ts";
export { type PulledModel, type PullFrom, type PullOptions, pullModel } from "./model/pull.ts";
export {
  DEFAULT_MODEL,
  findModel,
  type HubSource,
  KNOWN_MODELS,
  type KnownModel,
  type ModelDefaults,
  type PypiSource,
  requireModel,
} from "./model/registry.ts";
export { type ResolvedModel, type ResolveOptions, resolveModel } from "./model/resolve-model.ts";
export {
  type ActivationReport,
  type ActivationReportsOptions,
  activationReports,
} from "./report/activations/activation-report.ts";
export {
  type TrialTimeline,
  type TrialTimelineOptions,
  trialTimeline,
} from "./report/activations/trial-timeline.ts";
export type { ArmCounts, ArmSummary, RateSummary } from "./report/arm-summary.ts";
export {
  type ArmComparison,
  type CompareArmsOptions,
  type ComparedArm,
  compareArms,
} from "./report/compare.ts";
export { comparisonText } from "./report/compare-text.ts";
export type { Curve, CurvePoint } from "./report/curves.ts";
export { type RunDocumentOptions, runDocument } from "./report/document/run-document.ts";
export type { Family, FamilyRow } from "./report/families.ts";
export { type ArmScores, armScores } from "./report/figures/arm-scores.ts";
export { standaloneSvg } from "./report/figures/draw.ts";
export { type Figure, figureCsv } from "./report/figures/figure.ts";
export { type RenderPngOptions, renderPng } from "./report/figures/png.ts";
export {
  allFigures,
  type RunFigures,
  type RunFiguresOptions,
  runFigures,
} from "./report/figures/run-figures.ts";
export { type HtmlReportOptions, htmlReport } from "./report/html/page.ts";
export { type CompareJudgesOptions, compareJudges, type JudgeComparison } from "./report/judge-compare.ts";
export { type MarkdownReportOptions, markdownReport } from "./report/markdown/markdown.ts";
export { type RunReport, type RunReportOptions, runReport, runReportText } from "./report/run-report.ts";
export { type RunSummary, type SummariseOptions, summarise } from "./report/summarise.ts";
export { type TrialReport, trialReport, trialReportText } from "./report/trial-report.ts";
export {
  type Architecture,
  checkLatent,
  type Dictionary,
  type DictionaryFacts,
  type DictionaryFormat,
} from "./sae/dictionary.ts";
export {
  activate,
  decodeRows,
  encodeLatents,
  encodeRows,
  latentValue,
  preActivations,
} from "./sae/encode.ts";
export { type Label, readLabels, writeLabels } from "./sae/labels.ts";
export {
  type MemoryDictionaryOptions,
  type MemoryWeights,
  memoryDictionary,
} from "./sae/memory-dictionary.ts";
export { openDictionary, shippedDictionaries } from "./sae/open-dictionary.ts";
export { type ResolveSaeOptions, resolveSae } from "./sae/resolve-sae.ts";
export { openSafetensors, type Safetensors } from "./sae/safetensors.ts";
export type { ActivationSource } from "./sae/train/activation-source.ts";
export { readTrainSettings, type TrainSettings } from "./sae/train/settings.ts";
export { openTrainer } from "./sae/train/trainer.ts";
export { writeTrained } from "./sae/train/write-trained.ts";
export { summariseWeights, type WeightSummary } from "./sae/weight-summary.ts";
export { type WriteSaelensOptions, type WrittenSaelens, writeSaelens } from "./sae/write-saelens.ts";
export { type TensorData, writeSafetensors } from "./sae/write-safetensors.ts";
export { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from "./server/openai/server.ts";
export { startViewer, type ViewerOptions, type ViewerServer } from "./server/viewer/server.ts";
export * from "./stats/index.ts";
export type { DeclaredAnalysis, DeclaredComparison, DeclaredCurve } from "./store/analysis.ts";
export { assertComparable, type ComparableOptions, type Difference } from "./store/comparable.ts";
export { type DivergencePoint, type LatentDivergence, latentDivergences } from "./store/divergence.ts";
export { type ExportOptions, exportChats, exportCsv, exportJsonl } from "./store/export.ts";
export { type ExportInspectOptions, exportInspect } from "./store/inspect-log.ts";
export type { Manifest } from "./store/manifest.ts";
export { type Merged, type MergeRunsOptions, mergeRuns } from "./store/merge-runs.ts";
export { type CreateRunOptions, createRun, type OpenRunOptions, openRun } from "./store/open-store.ts";
export type {
  ActivationsRecord,
  ArmRecord,
  AttemptRecord,
  EventRecord,
  JudgementRecord,
  LatentRecord,
  ThresholdRecord,
  ThresholdSampleRecord,
  TrialRecord,
} from "./store/records.ts";
export { type ExportReferenceOptions, exportReference } from "./store/reference/export.ts";
export type { Imported } from "./store/reference/imported-event.ts";
export type { JudgedFilter, JudgedTrial, RunStore } from "./store/run-store.ts";
export { type ImportedTable, type ImportTableOptions, importTable } from "./store/table/import-table.ts";
export { type WriteParquetOptions, writeParquet } from "./store/table/parquet-table.ts";
export {
  neighboursOf,
  type QueryTrialsOptions,
  queryTrials,
  type TableOptions,
  type TrialTableFilter,
  type TrialTablePage,
  type TrialTableRow,
  type TrialTableSort,
} from "./store/trial-query.ts";
export {
  type QueryResult,
  type SearchOptions,
  type SearchSettings,
  searchThreshold,
  type Threshold,
} from "./threshold/search.ts";
