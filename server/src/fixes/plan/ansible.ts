/** A plan as an Ansible playbook, for a fleet. */
import type { Policy } from "../../selinux/policy.ts";
import { KIND_LETTERS, portRange } from "../commands.ts";
import { moduleText } from "./moduleText.ts";
import { COPY_MODE, type FileCopy } from "../fileCopy.ts";
import type { PermissionStep, Plan, PlanAbout, PlanCopy, PlanStep } from "./plan.ts";
import {
  changeLines,
  changeTitle,
  commentText,
  copyTitle,
  editedWords,
  isEmpty,
  placeLines,
  permissionTitle,
  realType,
  unclearedLines,
  withoutChange,
} from "./planWords.ts";
import { letters } from "../permissionChange.ts";
import { yamlLines } from "./writeYaml.ts";
import type { Yaml } from "./writeYaml.ts";

const MODULE = "nginx_site";
const MODULE_FILE = `/usr/local/share/selinux/${MODULE}.cil`;

/** Handlers by name, in the order in which Ansible runs them. */
const RESTORE = "Reset the labels on disk";
const RELOAD = "Reload nginx";

/** The variable that decides between making the changes and taking them back, and what follows from it. */
const STATE = "nginx_selinux_state";
const state: Yaml = { raw: `"{{ ${STATE} }}"` };
const present: Yaml = { raw: `${STATE} == "present"` };
const absent: Yaml = { raw: `${STATE} == "absent"` };

/** The playbook. `-e nginx_selinux_state=absent` takes it back. */
export function ansibleText(plan: Plan, about: PlanAbout, policy: Policy): string {
  const rules = plan.steps.flatMap(({ change }) => (change.kind === "allow" ? [change] : []));
  const module = rules.length === 0 ? null : moduleText([], rules, []);
  const play: Yaml = [
    {
      name: "SELinux for nginx",
      hosts: "all",
      become: true,
      vars: { [STATE]: "present" },
      tasks: [
        tools,
        ...plan.copies.map(({ copy }) => copyTask(copy)),
        ...(module === null ? [] : installModule(module)),
        ...plan.steps.flatMap((step) => taskFor(step, policy, plan.restore.length > 0) ?? []),
        ...(plan.restore.length > 0 && !plan.steps.some(({ change }) => change.kind === "fileContext")
          ? [restoreTask(plan.restore)]
          : []),
        ...plan.permissions.flatMap(permissionTasks),
        ...(module === null ? [] : removeModule),
        { name: "Make the changes count", "ansible.builtin.meta": { raw: "flush_handlers" } },
        ...verify(about),
        ...editsTask(plan.copies),
      ],
      handlers: [
        ...(plan.restore.length === 0 ? [] : [{ ...restoreTask(plan.restore), name: RESTORE }]),
        { name: RELOAD, "ansible.builtin.service": { name: "nginx", state: "reloaded" } },
      ],
    },
  ];
  return `${head(plan, about)}---\n${yamlLines(play).join("\n")}\n`;
}

function head(plan: Plan, about: PlanAbout): string {
  const left = unclearedLines(plan.uncleared);
  const lines = [
    "SELinux for nginx: what this configuration needs, and nothing else.",
    "",
    `Configuration: ${about.configuration}`,
    `Policy:        ${about.policy}`,
    "",
    "Run:           ansible-playbook -i INVENTORY FILE",
    `Take it back:  ansible-playbook -i INVENTORY FILE -e ${STATE}=absent`,
    ...(plan.copies.length === 0
      ? []
      : ["               (copies of keys and certificates stay: the configuration may name them)"]),
    "Needs the collections community.general and ansible.posix, and python3-libselinux on the hosts.",
    "",
    ...(isEmpty(plan) ? [withoutChange(plan.uncleared)] : ["What it changes:"]),
    ...changeLines(plan),
    ...placeLines(plan),
    ...(left.length === 0 ? [] : ["", "What it does not clear:", ...left.map((line) => `- ${line}`)]),
  ];
  return lines.map((line) => (line === "" ? "#\n" : `# ${commentText(line)}\n`)).join("");
}

const tools: Yaml = {
  name: "The tools that manage SELinux are installed",
  "ansible.builtin.package": {
    name: {
      raw: `"{{ 'policycoreutils-python' if ansible_facts['distribution_major_version'] == '7' else 'policycoreutils-python-utils' }}"`,
    },
    state: "present",
  },
};

function taskFor(step: PlanStep, policy: Policy, restores: boolean): Yaml | null {
  const { change, before } = step;
  const name = commentText(changeTitle(change));
  switch (change.kind) {
    case "port":
      return {
        name,
        "community.general.seport": {
          ports: portRange(change.low, change.high),
          proto: change.protocol,
          setype: realType(policy, change.type),
          state,
        },
        notify: RELOAD,
      };
    case "boolean":
      return {
        name,
        "ansible.posix.seboolean": {
          name: change.name,
          state: { raw: `"{{ (${STATE} == 'present') | ternary(${change.value}, ${before === true}) }}"` },
          persistent: true,
        },
        notify: RELOAD,
      };
    case "fileContext":
      return {
        name,
        "community.general.sefcontext": {
          target: change.spec,
          ftype: KIND_LETTERS[change.fileKind],
          setype: realType(policy, change.type),
          state,
        },
        notify: restores ? [RESTORE, RELOAD] : [RELOAD],
      };
    case "allow":
    case "label":
    case "restore":
      return null;
  }
}

/** Owners, modes and groups: by the modules that compare first, so that nothing is changed twice. */
function permissionTasks({ change }: PermissionStep): readonly Yaml[] {
  const name = commentText(permissionTitle(change));
  switch (change.kind) {
    case "acl": {
      const { path, user, rights, before } = change;
      const permissions = (wanted: number): string => letters(wanted) || "-";
      return [
        {
          name,
          "ansible.posix.acl": {
            path,
            entity: user,
            etype: "user",
            ...(before === null
              ? { permissions: permissions(rights), state }
              : {
                  permissions: {
                    raw: `"{{ (${STATE} == 'present') | ternary('${permissions(rights)}', '${permissions(before)}') }}"`,
                  },
                  state: "present",
                }),
          },
        },
      ];
    }
    case "owner": {
      const { path, rights } = change;
      const mode = { raw: `"{{ (${STATE} == 'present') | ternary('u+${letters(rights)}', 'u-${letters(rights)}') }}"` };
      return [{ name, "ansible.builtin.file": { path, mode } }];
    }
    case "group": {
      const { user, group } = change;
      return [
        { name, "ansible.builtin.user": { name: user, groups: [group], append: true }, when: present, notify: RELOAD },
        {
          name: commentText(`Take user ${user} out of the group ${group}`),
          "ansible.builtin.command": { argv: ["gpasswd", "-d", user, group] },
          register: "nginx_selinux_member",
          changed_when: { raw: "nginx_selinux_member.rc == 0" },
          failed_when: false,
          when: absent,
          notify: RELOAD,
        },
      ];
    }
  }
}

/** `copy` gives the new file its default label. What had the name before is kept beside it. */
function copyTask(copy: FileCopy): Yaml {
  return {
    name: commentText(copyTitle(copy)),
    "ansible.builtin.copy": {
      src: copy.from,
      dest: copy.to,
      remote_src: true,
      owner: "root",
      group: "root",
      mode: `0${COPY_MODE}`,
      backup: true,
    },
    when: present,
  };
}

/** The places of the configuration that name the copies, as a message: a playbook of this kind does not own that file. */
function editsTask(copies: readonly PlanCopy[]): readonly Yaml[] {
  const places = copies.flatMap((copy) => copy.places.map((place) => commentText(editedWords(place))));
  if (places.length === 0) return [];
  const msg = ["Change the configuration, and reload nginx:", ...places];
  return [{ name: "Name the changes of the configuration", "ansible.builtin.debug": { msg }, when: present }];
}

/** By a shell and Ansible's own quoting: the command module would put values of variables in place of a `$` in a path. */
function restoreTask(paths: readonly string[]): { readonly [key: string]: Yaml } {
  return {
    name: RESTORE,
    "ansible.builtin.shell": { cmd: { raw: `"restorecon -i -R -v {{ item | quote }}"` } },
    loop: paths,
    register: "nginx_selinux_restored",
    changed_when: { raw: "nginx_selinux_restored.stdout | length > 0" },
  };
}

function installModule(text: string): readonly Yaml[] {
  return [
    {
      name: "The directory of the policy module exists",
      "ansible.builtin.file": { path: "/usr/local/share/selinux", state: "directory", mode: "0755" },
      when: present,
    },
    {
      name: "The policy module is there",
      "ansible.builtin.copy": { dest: MODULE_FILE, content: text, mode: "0644" },
      register: "nginx_selinux_module",
      when: present,
    },
    {
      name: "The policy module is installed",
      "ansible.builtin.command": { argv: ["semodule", "-i", MODULE_FILE] },
      when: [present, { raw: "nginx_selinux_module is changed" }],
      changed_when: true,
      notify: RELOAD,
    },
  ];
}

const removeModule: readonly Yaml[] = [
  {
    name: "The policy module is removed",
    "ansible.builtin.command": { argv: ["semodule", "-r", MODULE], removes: MODULE_FILE },
    when: absent,
    changed_when: true,
  },
  {
    name: "The file of the policy module is removed",
    "ansible.builtin.file": { path: MODULE_FILE, state: "absent" },
    when: absent,
  },
];

/** "nginx -t" alone is no proof: run by root it is not confined. */
function verify({ probe }: PlanAbout): readonly Yaml[] {
  const check = (name: string, argv: readonly string[], register: string): Yaml => ({
    name,
    "ansible.builtin.command": { argv },
    register,
    changed_when: false,
    failed_when: false,
    when: present,
  });
  const request = ["curl", "-g", "-sS", "-k", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", probe ?? ""];
  return [
    check("Ask for the mode of SELinux", ["getenforce"], "nginx_selinux_mode"),
    ...(probe === null ? [] : [check("Make a request", request, "nginx_selinux_request")]),
    check(
      "Look for denials (nginx -t alone is no proof)",
      ["ausearch", "-m", "avc", "-ts", "recent"],
      "nginx_selinux_denials",
    ),
    {
      name: "Show the proof",
      "ansible.builtin.debug": {
        msg: {
          raw: `"SELinux is {{ nginx_selinux_mode.stdout }}.${probe === null ? "" : " The request was answered with {{ nginx_selinux_request.stdout }}."} Denials: {{ nginx_selinux_denials.stdout or 'none' }}"`,
        },
      },
      when: present,
    },
  ];
}
