/**
 * The engine: it answers for files, targets and policies. The command line needs nothing else; the language service
 * adds what editors ask of documents.
 *
 * Every answer is computed from files as they are now: unsaved text first, stamps asked again. Trees, policies and
 * analyses whose inputs have not changed are reused.
 */
import { textOf } from "../base/changedText.ts";
import type { LineIndex } from "../base/text.ts";
import { pathOfUri } from "../base/uri.ts";
import type { Host } from "../host/host.ts";
import type { Access } from "../nginx/access.ts";
import type { FoundConfigurations } from "../nginx/load/findConfigurations.ts";
import type { LiveSource } from "../providers/liveSource.ts";
import { PolicyError, type PolicyInUse } from "../providers/policies.ts";
import { snapshotOf } from "../providers/snapshotOf.ts";
import type { NamedPath } from "../selinux/host/hostState.ts";
import type { SnapshotResult } from "../shared/protocol.ts";
import { Analyses, type Outcome, type TargetAnswer } from "./analyses.ts";
import { Area } from "./area.ts";
import { PolicySource } from "./policySource.ts";
import { plainSurroundings, type Surroundings } from "./surroundings.ts";
import type { Cancellation } from "./workspace.ts";

/** A question that is never cancelled. */
export const never: Cancellation = { aborted: false };

/** Answers for one run of the command line, or for one client. */
export class Engine {
  protected readonly host: Host;
  protected readonly area: Area;
  protected readonly policies: PolicySource;
  protected readonly analyses: Analyses;
  /** The hosts that are asked: `hold` what is known of them, `refresh` it, and whether any is in `use`. */
  readonly hosts: Pick<LiveSource, "hold" | "use" | "refresh">;

  /** `surroundings`: those of a command line without options, if none are given. */
  constructor(host: Host, surroundings: Surroundings = plainSurroundings) {
    this.host = host;
    this.area = new Area(host, surroundings);
    this.policies = new PolicySource(host, this.area);
    this.analyses = new Analyses(host, this.area, this.policies);
    const { live } = this.policies;
    const { recorded } = this.analyses;
    this.hosts = {
      hold: (held) => live.hold(held),
      use: () => live.use(),
      refresh: async (thoroughly) => {
        const changed = await live.refresh(thoroughly);
        return (await recorded.refresh()) || changed;
      },
    };
  }

  /** Takes other settings, folders or trust; hosts are asked again. */
  configure(surroundings: Surroundings): void {
    this.area.surroundings = surroundings;
    this.policies.live.forget();
    this.analyses.recorded.forget();
  }

  openDocument(uri: string, version: number, text: string | LineIndex): void {
    const lines = typeof text === "string" ? textOf(text) : text;
    this.area.workspace.setDocument({ uri, path: pathOfUri(uri), version, lines });
  }

  /** `text`: the whole text after the change. */
  changeDocument(uri: string, version: number, text: string | LineIndex): void {
    this.openDocument(uri, version, text);
  }

  closeDocument(uri: string): void {
    this.area.workspace.closeDocument(uri);
  }

  /** See `Analyses.ofFile`. */
  async analyzeFile(path: string, cancellation: Cancellation = never, folders?: readonly string[]): Promise<Outcome> {
    return this.analyses.ofFile(path, cancellation, folders);
  }

  /** See `Analyses.below`. */
  async configurationsBelow(directory: string, cancellation: Cancellation = never): Promise<FoundConfigurations> {
    return this.analyses.below(directory, cancellation);
  }

  /** See `Analyses.ofTarget`. */
  async analyzeTarget(
    target: readonly Access[],
    config: string | null,
    path: string,
  ): Promise<readonly TargetAnswer[]> {
    return this.analyses.ofTarget(target, config, path);
  }

  /** The policy that answers for a path, under the settings, with the host's state for `named`. Rejects with PolicyError. */
  async policyFor(path: string, named: readonly NamedPath[] = []): Promise<PolicyInUse> {
    return this.policies.policyFor(path, named);
  }

  /**
   * The policy that answers for a document, or for the workspace (null), as a snapshot. Rejects with an error whose
   * message is for the user: the workspace is not trusted, or the policy cannot be written.
   */
  async snapshot(uri: string | null): Promise<SnapshotResult> {
    if (!this.area.surroundings.trusted)
      throw new PolicyError("the workspace is not trusted, so no policy is read or written");
    const path = uri === null ? this.workspacePath() : pathOfUri(uri);
    const settings = await this.area.settingsFor(path);
    const chosen = await this.policies.choose(path, settings);
    const { source } = (await this.policies.contextOf(chosen, settings, "", [])).context;
    return snapshotOf(chosen, source, this.host.date());
  }

  /** A path whose settings are the workspace's. */
  protected workspacePath(): string {
    return `${this.area.surroundings.folders[0] ?? ""}/nginx.conf`;
  }
}
