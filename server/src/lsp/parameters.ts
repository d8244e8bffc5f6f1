/** Reads the parameters of our own requests and notifications; undefined where they are not what the protocol says. */
import {
  planFormats,
  type ExplainLogParams,
  type ExplainParams,
  type ModuleParams,
  type PlanParams,
} from "../shared/protocol.ts";
import { settingsSection } from "../shared/settings.ts";

/** Anything but a plain `trusted: true` counts as untrusted, for a client that knows of trust; others are trusted. */
export function readTrust(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("trusted" in value))
    return value === undefined || value === null;
  return value.trusted === true;
}

/** `{ nginxSelinux: {...} }` or the section itself, as clients differ. */
export function sectionOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return settingsSection in value ? Object.entries(value).find(([name]) => name === settingsSection)?.[1] : value;
}

export function readExplainParams(value: unknown): ExplainParams | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!("uri" in value && "rule" in value && "line" in value && "character" in value)) return undefined;
  const { uri, rule, line, character } = value;
  if (typeof uri !== "string" || typeof rule !== "string") return undefined;
  if (!isCount(line) || !isCount(character)) return undefined;
  return { uri, rule, line, character };
}

export function readExplainLogParams(value: unknown): ExplainLogParams | undefined {
  if (typeof value !== "object" || value === null || !("text" in value)) return undefined;
  return typeof value.text === "string" ? { text: value.text } : undefined;
}

export function readModuleParams(value: unknown): ModuleParams | undefined {
  const params = readExplainParams(value);
  if (params === undefined || typeof value !== "object" || value === null || !("fix" in value)) return undefined;
  return typeof value.fix === "string" ? { ...params, fix: value.fix } : undefined;
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
