/** Reads the parameters of our own requests and notifications; undefined where they are not what the protocol says. */
import {
  planFormats,
  type ExplainLogParams,
  type ExplainParams,
  type VerifyParams,
  type FixParams,
  type PlanParams,
  type ReportParams,
  type SilenceRequestParams,
  type ToolParams,
} from "../shared/protocol.ts";
import { settingsSection } from "../shared/settings.ts";

/** Only an explicit `trusted: false` restricts: a client that knows of no trust has none to ask for. */
export function readTrust(value: unknown): boolean {
  return typeof value !== "object" || value === null || !("trusted" in value) || value.trusted !== false;
}

/** True where the options of `initialize` say that the client has our commands. */
export function readCommandsAbility(value: unknown): boolean {
  return typeof value === "object" && value !== null && "commands" in value && value.commands === true;
}

/** `{ nginxSelinux: {...} }` or the section itself, as clients differ. */
export function sectionOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return settingsSection in value ? Object.entries(value).find(([name]) => name === settingsSection)?.[1] : value;
}

/** A section with what another one says on top of it; only objects say anything. */
export function mergedSections(base: unknown, top: unknown): unknown {
  const record = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});
  return { ...record(base), ...record(top) };
}

export function readExplainParams(value: unknown): ExplainParams | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("uri" in value && "rule" in value && "key" in value && "line" in value && "character" in value))
    return undefined;
  const { uri, rule, key, line, character } = value;
  if (typeof uri !== "string" || typeof rule !== "string" || typeof key !== "string") return undefined;
  if (!isCount(line) || !isCount(character)) return undefined;
  return { uri, rule, key, line, character };
}

export function readSilenceParams(value: unknown): SilenceRequestParams | undefined {
  const params = readExplainParams(value);
  if (params === undefined || typeof value !== "object" || value === null) return undefined;
  if (!("silence" in value && "reason" in value)) return undefined;
  const { silence, reason } = value;
  return typeof silence === "string" && typeof reason === "string" ? { ...params, silence, reason } : undefined;
}

export function readExplainLogParams(value: unknown): ExplainLogParams | undefined {
  if (typeof value !== "object" || value === null || !("text" in value)) return undefined;
  return typeof value.text === "string" ? { text: value.text } : undefined;
}

export function readToolParams(value: unknown): ToolParams | undefined {
  if (typeof value !== "object" || value === null || !("name" in value && "input" in value)) return undefined;
  return typeof value.name === "string" ? { name: value.name, input: value.input } : undefined;
}

export function readVerifyParams(value: unknown): VerifyParams | undefined {
  if (typeof value !== "object" || value === null || !("uri" in value && "since" in value)) return undefined;
  const { uri, since } = value;
  return typeof uri === "string" && (since === null || isCount(since)) ? { uri, since } : undefined;
}

export function readFixParams(value: unknown): FixParams | undefined {
  const params = readExplainParams(value);
  if (params === undefined || typeof value !== "object" || value === null || !("fix" in value)) return undefined;
  return typeof value.fix === "string" ? { ...params, fix: value.fix } : undefined;
}

export function readReportParams(value: unknown): ReportParams | undefined {
  if (typeof value !== "object" || value === null || !("uri" in value && "version" in value)) return undefined;
  const { uri, version } = value;
  return typeof uri === "string" && typeof version === "string" ? { uri, version } : undefined;
}

export function readPlanParams(value: unknown): PlanParams | undefined {
  if (typeof value !== "object" || value === null || !("uri" in value && "format" in value)) return undefined;
  const format = planFormats.find((each) => each === value.format);
  return typeof value.uri === "string" && format !== undefined ? { uri: value.uri, format } : undefined;
}

export function readSnapshotUri(value: unknown): string | null | undefined {
  if (typeof value !== "object" || value === null || !("uri" in value)) return undefined;
  return typeof value.uri === "string" || value.uri === null ? value.uri : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
