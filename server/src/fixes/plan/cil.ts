/** A module plan as one CIL file, with the commands that install and remove it in its head. */
import { isExactly, localPortRecords } from "../localPorts.ts";
import type { Policy } from "../../selinux/policy.ts";
import { KIND_LETTERS, portRange } from "../commands.ts";
import { moduleText } from "./moduleText.ts";
import type { ModulePlan } from "./ownType.ts";
import type { PlanAbout } from "./plan.ts";
import { commentText, shellWord, unclearedLines, withoutChange } from "./planWords.ts";

/** The name of the module: `semodule` takes it from the name of the file. */
const NAME = "nginx_site";

/** The file. `policy`: which records exist, for the verbs of the commands beside the module. */
export function cilText(plan: ModulePlan, about: PlanAbout, policy: Policy): string {
  const text = moduleText(plan.types, plan.rules, plan.labels);
  const { install, remove } = commands(plan, policy);
  const left = unclearedLines(plan.uncleared);
  const lines = [
    "SELinux for nginx: one policy module that allows what this configuration does, and nothing else.",
    "",
    `Configuration: ${about.configuration}`,
    `Policy:        ${about.policy}`,
    "",
    ...(text === "" && install.length === 1
      ? [withoutChange(plan.uncleared)]
      : [
          `Install, from a file of this name (${NAME}.cil); semodule takes a minute or two:`,
          ...install.map((line) => `  ${line}`),
          "Remove:",
          ...remove.map((line) => `  ${line}`),
        ]),
    "",
    'Then reload nginx, make a request, and look for denials ("nginx -t" alone is no proof, root is not confined):',
    "  getenforce",
    "  sudo systemctl reload-or-restart nginx",
    ...(about.probe === null ? [] : [`  curl -g -sS -k -o /dev/null -w '%{http_code}\\n' ${shellWord(about.probe)}`]),
    "  sudo ausearch -m avc -ts recent",
    ...(left.length === 0 ? [] : ["", "Not cleared by it:", ...left.map((line) => `- ${line}`)]),
  ];
  const head = lines.map((line) => (line === "" ? ";\n" : `; ${commentText(line)}\n`)).join("");
  return text === "" ? head : `${head}\n${text}`;
}

/** What is typed to install the module with the labels that it cannot give itself, and to remove all of it again. */
function commands(
  plan: ModulePlan,
  policy: Policy,
): { readonly install: readonly string[]; readonly remove: readonly string[] } {
  const install = [`sudo semodule -i ${NAME}.cil`];
  const remove: string[] = [];
  for (const { protocol, low, high, type } of plan.commands) {
    const range = portRange(low, high);
    const verb = policy.definesPort(protocol, low, high) ? "-m" : "-a";
    install.push(`sudo semanage port ${verb} -t ${type} -p ${protocol} ${range}`);
    const before = localPortRecords(policy, protocol, { low, high }).find((record) => isExactly(record, { low, high }));
    remove.push(
      before === undefined
        ? `sudo semanage port -d -p ${protocol} ${range}`
        : `sudo semanage port -m -t ${before.type} -p ${protocol} ${range}`,
    );
  }
  for (const { spec, fileKind, type } of plan.fileContexts) {
    const kind = fileKind === "any" ? "" : ` -f ${KIND_LETTERS[fileKind]}`;
    const verb = policy.facts.definesFileContext(spec) ? "-m" : "-a";
    install.push(`sudo semanage fcontext ${verb}${kind} -t ${type} ${shellWord(spec)}`);
    const before = fileKind === "any" ? policy.facts.localFileContext?.(spec) : undefined;
    remove.push(
      before === undefined
        ? `sudo semanage fcontext -d${kind} ${shellWord(spec)}`
        : `sudo semanage fcontext -m${kind} -t ${shellWord(before)} ${shellWord(spec)}`,
    );
  }
  for (const path of plan.restore) {
    const line = `sudo restorecon -i -R -v ${shellWord(path)}`;
    install.push(line);
    remove.push(line);
  }
  remove.push(`sudo semodule -r ${NAME}`);
  return { install, remove };
}
