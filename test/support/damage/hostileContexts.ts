/** Texts of file_contexts, damaged, and with what hostile hands write. */
import assert from "node:assert/strict";
import { damaged, randomOf } from "../policies/damage.ts";

const lines = [
  "/.*  system_u:object_r:default_t:s0",
  "/srv(/.*)?  system_u:object_r:var_t:s0",
  "/srv/([^/]*/)?www(/.*)?  system_u:object_r:httpd_sys_content_t:s0",
  "/srv/données(/.*)?  system_u:object_r:httpd_sys_content_t:s0",
  "/var/log/nginx(/.*)?  system_u:object_r:httpd_log_t:s0",
  "/var/run/nginx.*  --  system_u:object_r:httpd_var_run_t:s0",
  "/var/run/app/[^/]+\\.sock  -s  system_u:object_r:httpd_var_run_t:s0",
  "/usr/lib(64)?/nginx/modules/.*\\.so(\\.[0-9]{1,3})*  --  system_u:object_r:lib_t:s0",
  "/home/[a-z_][-a-z0-9_]*/(public_html|www)(/.+)?  unconfined_u:object_r:httpd_user_content_t:s0",
  "/proc/.*  <<none>>",
  "/opt/a\\+b\\.c  system_u:object_r:usr_t:s0",
];
/** A file_contexts of every form. */
export const original = Buffer.from(`${lines.join("\n")}\n`);
/** A file_contexts.subs with a line that leads to itself. */
export const subs = Buffer.from("/run /var/run\n/web /srv/www\n/loop /loop/loop\n");

/** What is asked of each. */
export const paths = [
  "/srv/a/www/index.html",
  "/srv/données/数据",
  "/run/app/web.sock",
  "/usr/lib64/nginx/modules/ngx.so.1.2",
  "/home/eve/public_html/x",
  `/srv/${"a".repeat(3000)}/www`,
  "/srv/" + "aaaa/".repeat(800),
];

/** What hostile hands write: repeats, nesting, groups that do not end, classes, escapes, and other syntax of PCRE. */
const HOSTILE: readonly ((size: number) => string)[] = [
  () => "{99999}",
  () => "{0,99999}",
  () => "{1000}{1000}",
  () => "{99999999999999999999}",
  (size) => "(".repeat(size),
  (size) => `${"(".repeat(size)}a${")*".repeat(size)}`,
  (size) => `${"(a|".repeat(size)}b${")".repeat(size)}`,
  (size) => `${"(".repeat(size % 40)}.${"{1000})".repeat(size % 40)}`,
  (size) => "(.*a)*".repeat(size),
  (size) => "a?".repeat(size) + "a".repeat(size),
  (size) => "|".repeat(size),
  (size) => "[".repeat(size),
  (size) => `[${"a-z".repeat(size)}`,
  (size) => "\\".repeat(size),
  (size) => "[[:alpha:]".repeat(size),
  (size) => "x".repeat(size * 100),
  (size) => "/x".repeat(size * 10),
  (size) => " y".repeat(size * 10),
  (size) => "\n/z a:b:c_t".repeat(size),
  () => "(?=a)(?<!b)(?R)\\1\\Q\\E\\p{L}\\x{110000}\\K(*COMMIT)",
  () => "^$^$",
  () => ")",
  () => "*+?",
  () => "\0\u2028\ufeff\u{1d11e}",
];

/** Half of the variants are damaged bytes alone, half have something hostile spliced in as well. */
export function damagedText(bytes: Uint8Array, seed: number): string {
  const text = new TextDecoder().decode(damaged(bytes, seed));
  if (seed % 2 === 0) return text;
  const random = randomOf(seed ^ 0x5eed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const hostile = HOSTILE[below(HOSTILE.length)] ?? assert.fail();
  // Mostly short; a few of the kind that an error of growth would show in.
  const size = 1 + below(random() < 0.05 ? 2000 : 40);
  const at = below(text.length + 1);
  return text.slice(0, at) + hostile(size) + text.slice(at);
}
