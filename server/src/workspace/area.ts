/** The documents with what surrounds them: where files may be read, and under which settings. */
import type { Host } from "../host/host.ts";
import { fillingReader, type ConfigReader } from "../nginx/load/reader.ts";
import { PolicyError } from "../providers/policies.ts";
import type { Settings } from "../shared/settings.ts";
import { ProjectFiles } from "./projectFiles.ts";
import { readableBelow, settingsUnder, type Surroundings } from "./surroundings.ts";
import { createWorkspace, type Cancellation, type Workspace } from "./workspace.ts";

export class Area {
  readonly host: Host;
  readonly workspace: Workspace;
  readonly projects: ProjectFiles;
  surroundings: Surroundings;

  constructor(host: Host, surroundings: Surroundings) {
    this.host = host;
    this.workspace = createWorkspace(host);
    this.projects = new ProjectFiles(host);
    this.surroundings = surroundings;
  }

  /**
   * The settings for a file at `path`: those of the client, then of the project file, then of the command line. Rejects
   * with PolicyError where a command line meets a project file with mistakes. `host`: of the computation.
   */
  async settingsFor(path: string, host: Host = this.host): Promise<Settings> {
    const { trusted, strict, override } = this.surroundings;
    const base = settingsUnder(this.surroundings, path);
    const settings = await this.projects.settingsFor(path, base, trusted, this.within(path), host);
    const ignored = settings.project?.ignored ?? [];
    if (strict && ignored.length > 0) throw new PolicyError(`${settings.project?.path}: ${ignored.join(" ")}`);
    const overridden = override?.(settings) ?? settings;
    if (strict) await this.#demandRoot(overridden);
    return overridden;
  }

  /** Rejects where a project file names a copy that is missing: an empty copy has no findings. */
  async #demandRoot({ root, project }: Settings): Promise<void> {
    if (root === "" || project === null) return;
    const refuse = (reason: string): PolicyError => new PolicyError(`${project.path}: root ${root}: ${reason}`);
    const { kind } = await this.host.stat(root).catch((error: unknown) => {
      throw refuse(error instanceof Error ? error.message : String(error));
    });
    if (kind !== "directory") throw refuse("not a directory");
  }

  /** The directories below which files may be read for a file at `path`; null for anywhere. */
  within(path: string): readonly string[] | null {
    return readableBelow(this.surroundings, path);
  }

  /** A reader for one computation. */
  reader(path: string, settings: Settings, cancellation: Cancellation): ConfigReader {
    const limit = settings.maxFileSizeMB * 2 ** 20;
    const total = settings.maxTotalSizeMB * 2 ** 20;
    const reader = this.workspace.reader({ limit, total, within: this.within(path), cancellation });
    return fillingReader(reader, settings.define);
  }
}
