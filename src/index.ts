/** The public interface of the package. Whatever is not named here may change without notice. */

export { type Ask, asksAbout } from "./activations/ask-about.ts";
export type { ChatDocument, Document } from "./activations/documents.ts";
export {
  type EvaluateDictionariesOptions,
  type EvaluationWithLatents,
  evaluateDictionaries,
} from "./activations/evaluate-dictionary.ts";
export { type GenerateAnswersOptions, generateAnswers } from "./activations/generate-answers.ts";
export { type ReadDocumentsOptions, readDocuments } from "./activations/read-documents.ts";
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
export { type LlamaEngineOptions, openLlamaEngine } from "./engine/llama/engine.ts";
export type { FastType } from "./engine/llama/weights.ts";
export { openVllmEngine, type VllmEngine, type VllmEngineOptions } from "./engine/vllm/engine.ts";
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
export type { JudgingTask } from "./experiment/judging-task.ts";
export type { NeededFile } from "./experiment/needed-files.ts";
export type { JudgeAccess } from "./experiment/open-judge.ts";
export { type Plan, planUnopened } from "./experiment/plan.ts";
export { PRESETS } from "./experiment/presets.ts";
export type { OnProgress as OnRunProgress, Phase, Progress as RunProgress } from "./experiment/progress.ts";
export {
  type Rejudged,
  type RejudgeOptions,
  type RejudgeProgress,
  rejudge,
} from "./experiment/rejudge.ts";
export { type Replay, type ReplayOptions, replayTrial } from "./experiment/replay-trial.ts";
export {
  type ResumeRunOptions,
  resumeRun,
  type StartRunOptions,
  startRun,
} from "./experiment/run.ts";
export { type MachineOptions, openSession, type Session } from "./experiment/session.ts";
export type { TrainedOn } from "./experiment/trained-on.ts";
export {
  type Agreement,
  type AgreementOptions,
  agreementOf,
  type Disagreement,
  disagreements,
  type Opinion,
  type RatedResponse,
} from "./judge/agreement.ts";
export {
  type HumanLabel,
  readLabelSheet,
  type SheetRow,
  writeLabelSheet,
} from "./judge/human/label-sheet.ts";
export type {
  Attempt,
  Judge,
  JudgedItem,
  JudgeItem,
  Judgement,
  JudgementStatus,
  JudgeOptions,
} from "./judge/judge.ts";
export { type LlmJudgeOptions, openLlmJudge } from "./judge/llm/llm-judge.ts";
export { openLocalLlmJudge } from "./judge/local-llm.ts";
export { type SplitResponse, splitRestarts } from "./judge/restart-splitter.ts";
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
export type { Family, FamilyRow } from "./report/families.ts";
export { type CompareJudgesOptions, compareJudges, type JudgeComparison } from "./report/judge-compare.ts";
export { type RunReport, type RunReportOptions, runReport, runReportText } from "./report/run-report.ts";
export { type RunSummary, type SummariseOptions, summarise } from "./report/summarise.ts";
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
export { type Label, readLabels } from "./sae/labels.ts";
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
export {
  type AlignedAverageOptions,
  type AlignedPoint,
  type AlignedSeries,
  alignedAverage,
} from "./stats/aligned-average.ts";
export { auc } from "./stats/auc.ts";
export { benjaminiHochberg } from "./stats/benjamini-hochberg.ts";
export { type BootstrapStatisticOptions, bootstrapStatistic } from "./stats/bootstrap-statistic.ts";
export { clopperPearson } from "./stats/clopper-pearson.ts";
export { type ClusterBootstrapOptions, clusterBootstrap } from "./stats/cluster-bootstrap.ts";
export { type ClusterDifferenceOptions, clusterDifference } from "./stats/cluster-difference.ts";
export { type ClusterInterval, type ClusterLogitOptions, clusterLogit } from "./stats/cluster-logit.ts";
export { type ClusterMean, type ClusterMeanOptions, clusterMean } from "./stats/cluster-mean.ts";
export {
  type ClusterPermutation,
  type ClusterPermutationOptions,
  clusterPermutation,
} from "./stats/cluster-permutation.ts";
export { type ClusterVariance, clusterVariance } from "./stats/cluster-variance.ts";
export { type ClusterId, type RatioObservation, ratioOf } from "./stats/clusters.ts";
export { type CompareRatesOptions, compareRates, type RateComparison } from "./stats/compare-rates.ts";
export { type Correlation, pearson, spearman } from "./stats/correlation.ts";
export { isDegraded, longestWordRun } from "./stats/degraded.ts";
export { type DesignEffect, type DesignEffectOptions, designEffect } from "./stats/design-effect.ts";
export { type FisherOptions, fisherExact } from "./stats/fisher.ts";
export { holm } from "./stats/holm.ts";
export {
  type ImprovementNull,
  type ImprovementNullOptions,
  improvementNull,
} from "./stats/improvement-null.ts";
export type { Interval, IntervalMethod } from "./stats/interval.ts";
export { cohenKappa, type Kappa, type KappaOptions } from "./stats/kappa.ts";
export { type Alpha, type AlphaMetric, type AlphaOptions, krippendorffAlpha } from "./stats/krippendorff.ts";
export { type LengthControl, type LengthControlOptions, lengthControl } from "./stats/length-control.ts";
export { mcnemarExact, type PairedTable, pairedTable } from "./stats/mcnemar.ts";
export { type MeanSummary, summarizeMean } from "./stats/mean.ts";
export { normalCdf, normalInverse } from "./stats/normal.ts";
export { clusterMeans, type PairedEffect, pairedEffect } from "./stats/paired-effect.ts";
export { type PairedPowerOptions, type PairsNeeded, pairedPower, pairsNeeded } from "./stats/paired-power.ts";
export { type PairedTest, type PairedTestOptions, pairedTest } from "./stats/paired-test.ts";
export { type ComparisonPlan, type PlanComparisonOptions, planComparison } from "./stats/plan-comparison.ts";
export {
  cohenH,
  designEffectOf,
  type PowerOptions,
  powerTwoProportions,
  type TrialsNeeded,
  type TrialsNeededOptions,
  trialsNeeded,
} from "./stats/power.ts";
export {
  type ClusteredOutcome,
  RATE_BOUNDS,
  type RateName,
  type RateObservationsOptions,
  rateObservations,
} from "./stats/rate-observations.ts";
export {
  computeRates,
  endScores,
  type JudgedOutcome,
  marginSensitivity,
  type Rate,
  type RateCounts,
  type Rates,
  type RatesOptions,
  type TrialOutcome,
} from "./stats/rates.ts";
export type { BootstrapInterval, BootstrapOptions } from "./stats/replicates.ts";
export { createRng, type Rng, type RngOptions } from "./stats/rng.ts";
export { pairedT, type TTest, welchT } from "./stats/t-test.ts";
export { type TwoWayBootstrapOptions, twoWayBootstrap } from "./stats/two-way-bootstrap.ts";
export {
  type UnpairedDifference,
  type UnpairedDifferenceOptions,
  unpairedDifference,
} from "./stats/unpaired-difference.ts";
export { type Verdict, type VerdictOptions, verdictOf } from "./stats/verdict.ts";
export {
  type Alternative,
  type Wilcoxon,
  type WilcoxonOptions,
  wilcoxonSignedRank,
} from "./stats/wilcoxon.ts";
export { type ProportionInterval, type ProportionOptions, wilson } from "./stats/wilson.ts";
export type { DeclaredAnalysis, DeclaredComparison, DeclaredCurve } from "./store/analysis.ts";
export type { ComparableOptions, Difference } from "./store/comparable.ts";
export { type DivergencePoint, type LatentDivergence, latentDivergences } from "./store/divergence.ts";
export { type ExportOptions, exportCsv, exportJsonl } from "./store/export.ts";
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
