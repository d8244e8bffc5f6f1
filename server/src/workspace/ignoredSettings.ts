/** Settings that are not followed: names that do not exist, and paths in a workspace that is not trusted. */
import { didYouMean } from "../base/nearest.ts";
import { HostError, type Host } from "../host/host.ts";
import { ruleInfos } from "../rules/index.ts";
import { namesBundledPolicy, settingsSection } from "../shared/settings.ts";
import type { Surroundings } from "./surroundings.ts";

/** A sentence for each setting that is not followed for a file at `path`. */
export async function ignoredSettings(
  host: Host,
  surroundings: Surroundings,
  path: string,
): Promise<readonly string[]> {
  const { policy, root, mainFile, severity } = surroundings.settingsFor(path);
  const ids = ruleInfos.map(({ id }) => id);
  const unknown = [...severity.keys()]
    .filter((rule) => !ids.includes(rule))
    .map((rule) => `${settingsSection}.severity: there is no rule "${rule}".${didYouMean(rule, ids)}`);
  if (surroundings.trusted) return [...unknown, ...(await missingMainFile(host, mainFile))];
  const paths = [
    ["policy", namesBundledPolicy(policy) ? "" : policy],
    ["root", root],
    ["mainFile", mainFile],
  ] as const;
  return [
    ...unknown,
    ...paths.flatMap(([name, value]) =>
      value === "" ? [] : [`${settingsSection}.${name} (${value}) is ignored: the workspace is not trusted.`],
    ),
  ];
}

/**
 * Why the main file of the settings is not that of a file at `path`, whose main file is `main`: a sentence where it cannot be
 * read, none where it does not include the file.
 */
export async function unreadMainFile(
  host: Host,
  { trusted, settingsFor }: Surroundings,
  path: string,
  main: string | null,
): Promise<readonly string[]> {
  const { mainFile, maxFileSizeMB } = settingsFor(path);
  if (!trusted || mainFile === "" || mainFile === main) return [];
  if ((await missingMainFile(host, mainFile)).length > 0) return [];
  return host.readFile(mainFile, maxFileSizeMB * 2 ** 20).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof HostError)) throw error;
      return [`${settingsSection}.mainFile: ${mainFile} cannot be read: ${error.message}.`];
    },
  );
}

async function missingMainFile(host: Host, mainFile: string): Promise<readonly string[]> {
  if (mainFile === "") return [];
  const kind = await host.stat(mainFile).then(
    (facts) => facts.kind,
    () => null,
  );
  return kind === "file" ? [] : [`${settingsSection}.mainFile: there is no file ${mainFile}.`];
}
