/** What the command line says of a running host, beside what the host's own kernel says. */
import assert from "node:assert/strict";
import { after, afterEach, suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Report } from "../../server/src/report/report.ts";
import { assertAgree, assertWorks } from "./agreement.ts";
import { configureNginx, curl, tryNginx } from "./nginx.ts";
import { check, guestOfRun, messages, rulesOf } from "./product.ts";
import { backend, page, stopBackend } from "./situations/situation.ts";
import { keepSeen, STATES } from "./seen.ts";
import { outcomeText, writePage } from "./table.ts";

const guest = guestOfRun();
const users = ["root", "visitor"] as const;

/** A state of the whole host; its columns are those of a situation. */
interface State {
  readonly name: string;
  readonly predicted: string;
  readonly kernel: string;
  /** The check predicts a refusal; left out where it does not. */
  readonly refused?: boolean;
  readonly fix?: string;
  readonly afterFix?: string;
  readonly afterUndo?: string;
}

/** The states that tests have seen. */
const states: State[] = [];

// Commands in the guest are waited for: give the report its turn.
afterEach(() => setImmediate());
after(() => {
  const rows = states.map(({ name, predicted, kernel, refused, fix = "-", afterFix = "-", afterUndo = "-" }) => ({
    kind: STATES,
    cells: [name, predicted, kernel, fix, afterFix, "-", afterUndo],
    isRefused: refused === true,
  }));
  writePage(keepSeen(guest, { rows, others: [] }));
});

const harmless = { server: "root /var/www/html; location = / { return 200; }" };

suite("the policy of a running host", () => {
  for (const user of users) {
    test(`is read by ${user}, with the mode and nginx's own domain`, (context) => {
      configureNginx(guest, harmless);
      assertWorks(tryNginx(guest), "as it is");
      const { report, said, seconds } = check(guest, user);
      context.diagnostic(`checked in ${seconds.toFixed(1)} s under emulation`);
      const { policy, findings, accesses = [] } = report;
      assert.deepEqual([policy.source, policy.mode, policy.exactLabels], ["live", "enforcing", true]);
      assert.match(policy.provenance, /selinux-policy-default|policy\.\d+/);
      assert.deepEqual(findings, []);
      assert.deepEqual([...new Set(accesses.map(({ source }) => source))], [domainOfMaster()]);
      assert.deepEqual([...new Set(accesses.map(({ verdict }) => verdict))], ["allowed"]);
      assert.doesNotMatch(said, /disagrees/);
    });
  }

  const others = {
    "an nginx of its own in /opt": {
      starts: `install -D /usr/sbin/nginx /opt/own/nginx; restorecon -R /opt/own
        systemd-run -q --collect --unit=own-nginx /opt/own/nginx -g 'daemon off;'`,
      ends: `${stopBackend("own-nginx")}; rm -r /opt/own`,
    },
    "an nginx that was started by hand": { starts: "nginx </dev/null >/dev/null 2>&1", ends: "nginx -s quit" },
  };
  for (const [name, { starts, ends }] of Object.entries(others))
    test(`is that of the domain in which nginx runs, which may be another: ${name}`, () => {
      configureNginx(guest, { server: "location / { proxy_pass http://127.0.0.1:4567; }" });
      assert.equal(tryNginx(guest).status, 502);
      guest.run(`systemctl stop nginx; ${backend("backend", "http:4567")}
        ${starts}
        for i in $(seq 100); do if curl -s -o /dev/null http://127.0.0.1/; then break; fi; sleep 0.2; done`);
      try {
        const status = guest.run(curl("http://127.0.0.1/")).trim();
        assert.equal(status, "200", "the kernel lets this nginx connect");
        const domain = domainOfMaster();
        assert.notEqual(domain, "httpd_t");
        const report = onlyInformation();
        assert.deepEqual([...new Set(report.accesses?.map(({ source }) => source))], [domain]);
        states.push({ name, predicted: rulesOf(report).join(", "), kernel: `${status}; nginx runs as \`${domain}\`` });
      } finally {
        // What the check says of a pid file that is not there yet is no part of the next test.
        guest.run(`${ends}; ${stopBackend("backend")}; systemctl restart nginx`);
      }
    });

  test("is held against the kernel's, which answers each question itself", (context) => {
    configureNginx(guest, { server: "location / { proxy_pass http://127.0.0.1:4567; }" });
    const { accesses = [] } = check(guest).report;
    // The permission that a verdict names decides it; the kernel is asked here without our program.
    const questions = accesses.flatMap(({ source, target, class: cls, permission, verdict }) =>
      target === null || cls === null || permission === null ? [] : [[source, target, cls, permission, verdict]],
    );
    assert.ok(questions.length > 4, `${questions.length} questions`);
    guest.write("/root/questions", questions.map((words) => `${words.join(" ")}\n`).join(""));
    const answers = guest.run(`python3 - <<'END'
def one(path): return int(open(path).read().rstrip("\\0\\n"))
for line in open("/root/questions"):
    source, target, cls, permission, _ = line.split()
    where = "/sys/fs/selinux/class/" + cls
    bit = 1 << (one(where + "/perms/" + permission) - 1)
    with open("/sys/fs/selinux/access", "r+b", buffering=0) as kernel:
        kernel.write(("system_u:system_r:%s:s0 system_u:object_r:%s:s0 %d" % (source, target, one(where + "/index"))).encode())
        allowed = int(kernel.read(200).split()[0], 16)
    print("allowed" if allowed & bit else "denied")
END`);
    assert.deepEqual(
      questions.map((words) => words.join(" ")),
      answers
        .trim()
        .split("\n")
        .map((verdict, index) => [...(questions[index]?.slice(0, 4) ?? []), verdict].join(" ")),
    );
    context.diagnostic(`${questions.length} verdicts of the kernel agree`);
  });

  test("is said to differ from the kernel's where it was not loaded", () => {
    configureNginx(guest, { server: "location / { proxy_pass http://127.0.0.1:4567; }" });
    const { target } = findingOf("connect-port");
    guest.write("/root/kernel_test.cil", `(allow httpd_t ${target} (tcp_socket (name_connect)))\n`);
    // -n: the policy on disk is built anew, and the kernel keeps the old one.
    guest.run("semodule -n -i /root/kernel_test.cil");
    try {
      for (const user of users) {
        const { said, report } = check(guest, user);
        assert.match(
          said,
          new RegExp(`the kernel disagrees: httpd_t ${target}:tcp_socket name_connect: allowed by`),
          user,
        );
        assert.deepEqual(rulesOf(report), [], user);
      }
      guest.run("load_policy");
      for (const user of users) assert.doesNotMatch(check(guest, user).said, /disagrees/, user);
    } finally {
      guest.run("semodule -r kernel_test");
    }
    assert.deepEqual(rulesOf(check(guest).report), ["connect-port"]);
  });

  test("is permissive for one domain, which is refused nothing", () => {
    guest.write("/root/kernel_permissive.cil", "(typepermissive httpd_t)\n");
    guest.run(`${page("/srv/domain")}; semodule -i /root/kernel_permissive.cil`);
    try {
      configureNginx(guest, { server: "root /srv/domain;" });
      const outcome = tryNginx(guest);
      assert.equal(outcome.status, 200);
      assert.notDeepEqual(outcome.refusals, [], "the kernel logs what it would refuse");
      const report = onlyInformation();
      assert.equal(report.policy.mode, "enforcing");
      states.push({
        name: "a domain that is permissive",
        predicted: rulesOf(report).join(", "),
        kernel: outcomeText(outcome),
      });
    } finally {
      guest.run("semodule -r kernel_permissive; rm -r /srv/domain");
    }
  });
});

suite("the state of a running host", () => {
  afterEach(() => guest.run("setenforce 1"));

  test("a boolean that was set without -P works, and is said not to last", () => {
    guest.run(backend("backend", "http:8080"));
    try {
      configureNginx(guest, { server: "location / { proxy_pass http://127.0.0.1:8080; }" });
      assert.equal(tryNginx(guest).status, 502);
      guest.run("setsebool httpd_can_network_relay on");
      const outcome = tryNginx(guest);
      assertWorks(outcome, "with the boolean");
      for (const user of users) assert.deepEqual(rulesOf(check(guest, user).report), ["boolean-not-persistent"], user);
      const fix = preferred("boolean-not-persistent");
      guest.run(fix.commands.join("\n"));
      assert.deepEqual(messages(check(guest).report), []);
      assertWorks(tryNginx(guest), "after the fix");
      guest.run(fix.undo.join("\n"));
      const predicted = rulesOf(check(guest).report);
      assert.deepEqual(predicted, ["boolean-not-persistent"]);
      states.push({
        name: "a boolean that was set without -P",
        predicted: predicted.join(", "),
        kernel: outcomeText(outcome),
        fix: fix.title,
        afterFix: "works",
        afterUndo: "not persistent again",
      });
    } finally {
      guest.run(`setsebool httpd_can_network_relay off; ${stopBackend("backend")}`);
    }
  });

  test("a label of chcon works, and is said not to last: restorecon takes it away, and not after the fix", () => {
    const site = { server: "root /srv/labelled;" };
    const chcon = "chcon -R -t httpd_sys_content_t /srv/labelled";
    guest.run(`${page("/srv/labelled")}; ${chcon}`);
    try {
      configureNginx(guest, site);
      const outcome = tryNginx(guest);
      assertWorks(outcome, "with the label");
      for (const user of users) assert.deepEqual(rulesOf(check(guest, user).report), ["label-not-persistent"], user);
      guest.run("restorecon -R /srv/labelled");
      assert.equal(tryNginx(guest).status, 403);
      for (const user of users) assert.deepEqual(rulesOf(check(guest, user).report), ["read-path"], user);
      guest.run(chcon);
      const fix = preferred("label-not-persistent");
      guest.run(fix.commands.join("\n"));
      guest.run("restorecon -R -F /srv/labelled");
      assertWorks(tryNginx(guest), "after the fix and a relabel");
      assert.deepEqual(messages(check(guest).report), []);
      guest.run(fix.undo.join("\n"));
      guest.run("restorecon -R /srv/labelled");
      const undone = tryNginx(guest);
      assert.equal(undone.status, 403);
      states.push({
        name: "a label of chcon alone",
        predicted: "label-not-persistent",
        kernel: outcomeText(outcome),
        fix: fix.title,
        afterFix: "works, and after a relabel",
        afterUndo: outcomeText(undone),
      });
    } finally {
      guest.run("rm -r /srv/labelled");
    }
  });

  test("a pid file that a root shell's nginx -t made: refused, and said before", () => {
    configureNginx(guest, harmless);
    guest.run("systemctl stop nginx; rm -f /run/nginx.pid; nginx -t");
    try {
      const before = { root: check(guest).report, visitor: check(guest, "visitor").report };
      const outcome = tryNginx(guest);
      for (const user of users) {
        const refused = before[user].findings.filter(({ severity }) => severity === "error");
        assert.equal(refused.length > 0, !outcome.runs, `${user}: ${messages(before[user]).join("\n")}`);
        if (!outcome.runs) assertAgree(outcome, refused);
      }
      // The policy has no label for it to go back to: the message says to remove it.
      const asked = before.root.findings.some(({ message }) => message.includes("remove it"));
      assert.equal(asked, !outcome.runs, messages(before.root).join("\n"));
      if (!outcome.runs) {
        guest.run("rm -f /run/nginx.pid");
        assertWorks(tryNginx(guest), "without the file");
      }
      states.push({
        name: "a pid file that a root shell made",
        predicted: rulesOf(before.root).join(", ") || "works",
        kernel: outcomeText(outcome),
        refused: !outcome.runs,
        ...(outcome.runs ? {} : { fix: "the file has to be removed, as the message says", afterFix: "works" }),
      });
    } finally {
      guest.run("systemctl stop nginx; rm -f /run/nginx.pid; systemctl start nginx");
    }
  });

  test("a user whose processes may not compile runs it without the compiler", () => {
    configureNginx(guest, harmless);
    const asVisitor = (node: string): number =>
      guest.attempt(`${node} /opt/nginx-selinux/dist/cli.cjs check --policy live`, "visitor").code;
    guest.run("setsebool allow_execmem off");
    try {
      assert.notEqual(asVisitor("node"), 0);
      assert.equal(asVisitor("node --jitless"), 0);
    } finally {
      guest.run("setsebool allow_execmem on");
    }
  });

  test("permissive mode refuses nothing, and nothing is an error", () => {
    guest.run(page("/srv/permissive"));
    try {
      configureNginx(guest, { server: "root /srv/permissive;" });
      guest.run("setenforce 0");
      const outcome = tryNginx(guest);
      assert.equal(outcome.status, 200);
      assert.notDeepEqual(outcome.refusals, [], "the kernel logs what it would refuse");
      const report = onlyInformation();
      assert.equal(report.policy.mode, "permissive");
      states.push({ name: "permissive mode", predicted: rulesOf(report).join(", "), kernel: outcomeText(outcome) });
    } finally {
      guest.run("rm -r /srv/permissive");
    }
  });
});

/** The report for an ordinary user, which holds information and hints alone, as root's does. */
function onlyInformation(): Report {
  const [, visitor] = users.map((user) => {
    const { report } = check(guest, user);
    const louder = report.findings.filter(({ severity }) => severity === "error" || severity === "warning");
    assert.deepEqual(louder, [], user);
    return report;
  });
  assert.ok(visitor);
  return visitor;
}

function domainOfMaster(): string {
  return guest
    .run("ps -eo label,args | awk '/nginx: [m]aster/ { split($1, context, \":\"); print context[3] }'")
    .trim();
}

function findingOf(rule: string): { readonly target: string } {
  const target = check(guest).report.findings.find((each) => each.rule === rule)?.access?.target;
  assert.ok(target, rule);
  return { target };
}

function preferred(rule: string) {
  const finding = check(guest).report.findings.find((each) => each.rule === rule);
  const fix = finding?.fixes.find((each) => each.preferred);
  assert.ok(fix, `no fix is preferred for ${rule}`);
  return fix;
}
