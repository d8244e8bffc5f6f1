/** container-mount: a bind mount of nginx's container whose files keep the host's label, which SELinux refuses to it. */
import type { UnlabelledMount } from "../containers/unlabelledMounts.ts";
import type { Fix } from "../fixes/fix.ts";
import { shortPath } from "./message.ts";
import { sentences } from "./phrases.ts";
import type { RuleContext } from "./context.ts";
import type { HostRule, HostVerdict } from "./rule.ts";

export const containerMount: HostRule = {
  judges: "host",
  id: "container-mount",
  title: "Bind mount that SELinux refuses to a container",
  severity: "warning",

  judge(context: RuleContext): readonly HostVerdict[] {
    const { mode } = context.policy.facts.info;
    if (context.container === null || mode === "disabled" || mode === "permissive") return [];
    return context.mounts.flatMap((mount) => {
      const type = labelOf(mount, context);
      if (type !== null && mayRead(type, context)) return [];
      const { file, range, lines, source, target, relabel } = mount;
      const verdict = {
        decision: null,
        severity: containerMount.severity,
        oncePerUpstream: false,
        message: sentences(
          `${shortPath(source)} (no :z or :Z): SELinux refuses this mount to the container, so nginx cannot read ${shortPath(target)}.`,
        ),
        because: [
          type === null
            ? `${source} keeps the label that it has on the host, a home's or no service's; a container may read container_file_t`
            : `${source} is labelled ${type}; a container (${CONTAINER}) may not read that, and may read container_file_t`,
          `${relabel} makes the container engine label it container_file_t, ${relabel === "z" ? "for every container: others of this file mount it too" : "for this container alone"}`,
        ],
        fixes: [fixOf(mount)],
      };
      return [{ place: { path: file, range, lines }, verdict }];
    });
  },
};

/** The domain of containers (container-selinux). */
const CONTAINER = "container_t";

/** The label on disk, where a host is asked and knows it. */
function labelOf({ path }: UnlabelledMount, { host }: RuleContext): string | null {
  const label = path === null ? undefined : host?.label(path);
  return label?.state === "present" ? label.type : null;
}

/** True where the policy lets a container read files with a label; a bundled policy does not know. */
function mayRead(type: string, { policy }: RuleContext): boolean {
  if (type === "container_file_t" || type === "container_ro_file_t") return true;
  return policy.check(CONTAINER, type, "file", "read").verdict === "allowed";
}

function fixOf({ file, range, relabel, newText }: UnlabelledMount): Fix {
  const option = newText === null ? `:${relabel} (in the long form selinux: ${relabel} below bind:)` : `:${relabel}`;
  return {
    id: "mount-label",
    tier: "edit",
    title:
      relabel === "z"
        ? `mount it with ${option}: the container engine labels it for all containers`
        : `mount it with ${option}: the container engine labels it for this container`,
    commands: [],
    undo: [],
    durable: true,
    opensBriefly: "opens these files to containers",
    opens: "its files become container_file_t, also for services of the host that read them",
    changes: [],
    restore: null,
    ...(newText === null ? {} : { outside: { path: file, range, newText } }),
  };
}
