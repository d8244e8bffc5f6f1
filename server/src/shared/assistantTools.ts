/**
 * The tools for assistants, a row each. `nginx-selinux mcp` serves them, the extension registers them with the editor, and
 * `npm run generate` writes them into package.json.
 */
import { planFormats } from "./protocol.ts";

/** A tool as a model is told of it. */
export interface AssistantTool {
  /** For MCP and for the editor's API: letters and `_`. */
  readonly name: string;
  /** For people, in a list. */
  readonly title: string;
  /** `#name` in a prompt of VS Code. */
  readonly reference: string;
  /** For people, a sentence. */
  readonly summary: string;
  /** For the model: when to use it, and what it answers. */
  readonly description: string;
  /** A JSON schema: an object with properties of strings. */
  readonly inputSchema: ToolSchema;
}

export interface ToolSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, ToolProperty>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

export interface ToolProperty {
  readonly type: "string";
  readonly description: string;
  readonly enum?: readonly string[];
}

const file: ToolProperty = {
  type: "string",
  description:
    "Path of an nginx configuration: absolute, or from the workspace folder. A main file, or a fragment of one; it must lie in the workspace.",
};

export const checkTool = "check_nginx_selinux";
export const explainTool = "explain_nginx_selinux";
export const planTool = "plan_nginx_selinux";

export const assistantTools: readonly AssistantTool[] = [
  {
    name: checkTool,
    title: "Check an nginx configuration against SELinux",
    reference: "nginxSelinuxCheck",
    summary: "Lists what SELinux refuses of an nginx configuration, and the commands that make it work.",
    description:
      "Lists everything that SELinux refuses when nginx loads a configuration: ports, unix sockets, files, with the " +
      "evidence from the policy and the exact semanage, restorecon or setsebool commands that make it work. Use it " +
      "when nginx answers 502, 403 or 'Permission denied', and before nginx is reloaded, in place of setenforce 0 or " +
      "audit2allow. It reads only; nothing is run or changed.",
    inputSchema: { type: "object", properties: { file }, required: ["file"], additionalProperties: false },
  },
  {
    name: explainTool,
    title: "Explain a port, a path, a socket or a denial",
    reference: "nginxSelinuxExplain",
    summary: "Says what the policy decides for a port, a path, a socket or a line of a log, and what would change it.",
    description:
      "Says whether SELinux lets nginx use one target, why, and which commands would change it. `about` is a port " +
      "(tcp/3000, udp/443, 127.0.0.1:3000), a unix socket (unix:/run/app.sock), an absolute path (/srv/www), the id " +
      "of a rule (connect-port), or lines of a log: AVC records, ausearch's or sealert's text, nginx's error log. It " +
      "answers for a target whether or not it exists, and reads only.",
    inputSchema: {
      type: "object",
      properties: {
        about: {
          type: "string",
          description: "A port, a socket, a path, a rule's id, or lines of a log.",
        },
        file: { ...file, description: `${file.description} With it the answer is for this configuration.` },
      },
      required: ["about"],
      additionalProperties: false,
    },
  },
  {
    name: planTool,
    title: "Collect every fix of an nginx configuration",
    reference: "nginxSelinuxPlan",
    summary: "Writes every fix of an nginx configuration as one script, Ansible playbook or policy module.",
    description:
      "Writes every fix of a configuration as one text: a shell script with an undo (script), an Ansible playbook " +
      "(ansible), variables of the role linux-system-roles.selinux (ansible-role), or a policy module (cil). Show it " +
      "to the user, who decides whether it is run; it is not run here.",
    inputSchema: {
      type: "object",
      properties: {
        file,
        format: { type: "string", description: "The form of the text; script if it is left out.", enum: planFormats },
      },
      required: ["file"],
      additionalProperties: false,
    },
  },
];
