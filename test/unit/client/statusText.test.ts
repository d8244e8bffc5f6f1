import assert from "node:assert/strict";
import { test } from "node:test";
import { messageText } from "../../../client/src/messageText.ts";
import { OfferedCommands } from "../../../client/src/offeredCommands.ts";
import { countText, detailsText, statusText } from "../../../client/src/statusText.ts";
import type { DocumentStatus } from "../../../server/src/shared/protocol.ts";

const policy = {
  source: "bundled",
  name: "rhel9",
  title: "RHEL 9 / CentOS Stream 9",
  provenance: "selinux-policy 38",
  mode: "assumed",
  exactLabels: false,
  reason: "auto: rhel9 is assumed",
} as const;
const checked: DocumentStatus = {
  uri: "file:///etc/nginx/nginx.conf",
  policy,
  error: null,
  mainFile: "file:///etc/nginx/nginx.conf",
  fragmentContext: null,
  whyNotLive: null,
  asOf: null,
  container: null,
  notReadable: null,
  ignored: [],
  assumed: true,
  errors: 1,
  warnings: 2,
  disagreements: [],
};
const running = { kind: "running" } as const;

test("the status names the policy, and warns where live was asked for and cannot be had", () => {
  assert.equal(statusText(running, checked).text, "SELinux: RHEL 9 (assumed)");
  assert.equal(statusText(running, { ...checked, assumed: false }).text, "SELinux: RHEL 9");
  const live = { ...policy, source: "live", mode: "enforcing" } as const;
  assert.equal(statusText(running, { ...checked, policy: live }).text, "SELinux: live, enforcing");
  assert.equal(statusText(running, { ...checked, policy: { ...live, mode: "permissive" } }).severity, "warning");
  const missed = { ...checked, whyNotLive: "a container", policy: { ...policy, reason: "live: no live policy" } };
  assert.equal(statusText(running, missed).severity, "warning");
  assert.equal(statusText(running, { ...missed, policy }).severity, "information");
  assert.equal(statusText(running, { ...checked, ignored: ["mainFile: there is no file /x."] }).severity, "warning");
  const failed = statusText(running, { ...checked, policy: null, error: "there is no policy" });
  assert.deepEqual([failed.text, failed.severity], ["SELinux: not checked", "error"]);
  assert.equal(statusText({ kind: "failed", reason: "gone" }, checked).text, "SELinux: not running");
  assert.equal(countText(checked), "1 error, 2 warnings");
});

test("the details say each reason once, and what a snapshot says stays text", () => {
  const evil = "$(alert) ![x](http://evil/p.png) [y](command:z)\n# H";
  const snapshot = { ...policy, source: "snapshot", title: evil, provenance: evil, reason: "said twice" } as const;
  const status = { ...checked, policy: snapshot, ignored: ["said twice", "said once"] };
  const shown = statusText(running, status);
  assert.equal(shown.text, "SELinux: (alert) ![x](http://evil/p.png) [y](com (snapshot)");
  const details = detailsText(shown, status, (uri) => uri);
  assert.equal(details.match(/said twice/g)?.length, 1);
  assert.doesNotMatch(details, /[^\\]\]\(|^# H/m);
});

test("a message has no link of what it names", () => {
  assert.equal(messageText("[a](command:b) is [c](https://d)"), "[a] (command:b) is [c] (https://d)");
});

test("what is typed is what the server has offered, as one line that waits for Enter", () => {
  const offered = new OfferedCommands();
  const argument = { commands: ["sudo semanage port -a", "sudo setsebool -P x on"] };
  assert.equal(offered.lineFor(argument), null);
  offered.add(argument);
  assert.equal(offered.lineFor(argument), "sudo semanage port -a && sudo setsebool -P x on");
  for (const control of ["a\nb", "a\rb", "a\tb", "a\u001bb", "a\u0085b"]) {
    offered.add({ commands: [control] });
    assert.equal(offered.lineFor({ commands: [control] }), null, JSON.stringify(control));
  }
});
