/** How a line begins: with a record, with a message of nginx's, with something else, or with nothing of its own. */

export type Start = "audit" | "nginx" | "alert" | "rule";

const RECORD =
  /(?:^|[\s>|"'])type=(?:[A-Z][A-Z0-9_]+|1[0-9]{3})(?=\s|$)|\baudit(?:\[\d+\])?: [A-Z_]+ |\bavc:|\baudit\([^()]{0,64}\)/u;
const RULE = /^\s*(?:allow|dontaudit)\s+[A-Za-z_][\w.-]*\s+[A-Za-z_][\w.-]*\s*:/u;
const NGINX =
  /\[(?:emerg|alert|crit|error|warn|notice)\] |(?:^|[\s|>])\d{1,9}#\d{1,9}: |\b(?:connect|bind|open|l?stat|mkdir|rename|unlink|ch(?:own|mod)|opendir|openat|pread|pwrite|read|write|dlopen|setrlimit|sendmsg)\([^()]{0,200}\) |\b(?:BIO_new_file|SSL_CTX_\w+|X509_\w+)\(|^\s*"\/[^"]{1,4096}" is forbidden \(/u;

/** As nginx writes it to its log: the request in it may hold anything. */
const USUAL = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[[a-z]{4,6}\] \d{1,9}#\d{1,9}: /u;

/** Which reader a line is for; null where it begins none of these. */
export function startOf(text: string): Start | null {
  if (USUAL.test(text)) return "nginx";
  if (text.includes("SELinux is preventing")) return "alert";
  if (RECORD.test(text)) return "audit";
  if (RULE.test(text)) return "rule";
  return NGINX.test(text) ? "nginx" : null;
}

/** Heads of other lines: dates, prompts, rulers, words of the tools. */
const OTHER =
  /^\s*(?:\d{4}[-/]\d\d[-/]\d\d[T ]|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |\[?[\w.-]+@[\w.-]+[: ]|[$#] \S|----|={4,}|time->|<\w+>|(?:Was caused by|Hint|Hash|Raw Audit Messages|require|module)\b)/u;

/** True where a line begins something of its own, so that it goes on with nothing. `kind` and `open`: the record it could go on with. */
export function isStart(text: string, kind: Start, open: string): boolean {
  if (text.includes("SELinux is preventing")) return true;
  // In sealert's report the commands are its own, and what is indented below a field.
  if (OTHER.test(text)) return !(kind === "alert" && /^\s*# \S|^\s{8}/u.test(text));
  if (RULE.test(text) || /\bavc:/u.test(text)) return !(/type=(?:USER_)?AVC/u.test(open) && !open.includes("avc:"));
  if (/(?:^|[\s>|])type=(?:[A-Z][A-Z0-9_]+|1[0-9]{3})(?=\s|$)/u.test(text)) return true;
  if (/^\s*(?:nginx: )?\[(?:emerg|alert|crit|error|warn|notice)\] /u.test(text)) return true;
  return /^\s*\d{1,9}#\d{1,9}: /u.test(text);
}

const REFUSAL =
  /avc:|type=|audit\(|audit\[|SELinux is|[Pp]ermission (?:is )?denied|not permitted|forbidden|sealert -l|allow |accessed-mac|policy package active|denied|Was caused by|scontext=|tclass=/u;
const ANYTHING = /\] \d+#\d+: |nginx: \[|\d#\d+: |\] connect\(| failed \(/u;

/** A cheap look that most lines of a log do not pass. */
export function isWorthReading(line: string, lookAlikes: boolean): boolean {
  return REFUSAL.test(line) || (lookAlikes && ANYTHING.test(line));
}
