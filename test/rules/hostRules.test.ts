/** What the rules about a running host say, and the commands that they offer. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { whyContainer } from "../../server/src/analysis/whyContainer.ts";
import { textOf } from "../../server/src/base/changedText.ts";
import type { Access } from "../../server/src/nginx/access.ts";
import type { UnlabelledMount } from "../../server/src/containers/unlabelledMounts.ts";
import { containerMount } from "../../server/src/rules/containerMount.ts";
import { notConfined } from "../../server/src/rules/notConfined.ts";
import type { RuleContext } from "../../server/src/rules/context.ts";
import type { HostVerdict } from "../../server/src/rules/rule.ts";
import type { HostState } from "../../server/src/selinux/host/hostState.ts";
import { policyOf } from "../../server/src/selinux/model.ts";
import { hostFixture } from "../support/hostFixture.ts";
import { file, hostState, informed, judge, release, tcp, unix } from "./situation.ts";
import type { Said } from "./situation.ts";

/** A host with a release's policy and what the lines say of it. */
function contextOf(name: "rhel7" | "rhel8" | "rhel9", ...lines: readonly string[]): RuleContext {
  const { facts } = informed(release(name), { source: "live", mode: "enforcing", exactLabels: true });
  const host = hostFixture(facts, lines);
  return {
    policy: policyOf(facts, host.changes),
    source: "httpd_t",
    localPorts: host.localPorts,
    host,
    container: whyContainer("auto", host, null),
    mounts: [],
    ownSockets: new Set(),
  };
}

function said(context: RuleContext, access: Access, rule: string): Said | undefined {
  return judge(context.policy, access, context).find((each) => each.rule === rule);
}

suite("boolean-not-persistent", () => {
  const rule = "boolean-not-persistent";

  test("names the boolean and both of its values, and offers to keep it", () => {
    const context = contextOf("rhel9", "boolean httpd_can_network_relay=on");
    const verdict = said(context, tcp(8080), rule);
    assert.equal(
      verdict?.message,
      "tcp port 8080 (http_cache_port_t): SELinux refuses it after the next reboot. " +
        "httpd_can_network_relay is on now, but its persistent value is off.",
    );
    const [fix] = verdict.fixes;
    assert.equal(verdict.fixes.length, 1);
    assert.deepEqual(fix?.commands, ["sudo setsebool -P httpd_can_network_relay on"]);
  });

  test("can be undone to what was before: off on disk and on at run time", () => {
    const context = contextOf("rhel9", "boolean httpd_can_network_relay=on");
    assert.deepEqual(said(context, tcp(8080), rule)?.fixes[0]?.undo, [
      "sudo setsebool -P httpd_can_network_relay off",
      "sudo setsebool httpd_can_network_relay on",
    ]);
  });

  test("offers each boolean that alone would do, and none that would not", () => {
    const context = contextOf(
      "rhel9",
      "boolean httpd_can_network_relay=on",
      "boolean httpd_can_network_connect=on",
      "boolean httpd_can_sendmail=on",
    );
    const commands = said(context, tcp(8080), rule)?.fixes.map((fix) => fix.commands.join());
    assert.deepEqual(commands?.toSorted(), [
      "sudo setsebool -P httpd_can_network_connect on",
      "sudo setsebool -P httpd_can_network_relay on",
    ]);
  });

  test("does not offer to keep what must never be offered, but what is meant for the port", () => {
    const context = contextOf("rhel9", "boolean nis_enabled=on");
    const verdict = said(context, tcp(4000), rule);
    assert.match(verdict?.message ?? "", /nis_enabled is on now/);
    assert.ok(verdict !== undefined && verdict.fixes.length > 0);
    assert.ok(verdict.fixes.every((fix) => !fix.commands.join().includes("nis_enabled")));
  });

  test("is silent where the persistent value would do, and where the access is refused now", () => {
    const off = contextOf("rhel7", "boolean httpd_graceful_shutdown=off");
    assert.equal(said(off, tcp(80), rule), undefined);
    assert.notEqual(said(off, tcp(80), "connect-port"), undefined);
    assert.equal(said(contextOf("rhel7"), tcp(80), rule), undefined);
  });

  test("is silent of what-if values, and without a host", () => {
    const context = contextOf("rhel9");
    const policy = context.policy.with([{ kind: "boolean", name: "httpd_can_network_relay", value: true }]);
    assert.equal(said({ ...context, policy }, tcp(8080), rule), undefined);
    assert.equal(said({ ...context, policy, host: null }, tcp(8080), rule), undefined);
  });
});

suite("label-not-persistent", () => {
  const rule = "label-not-persistent";
  const labels = ["label /srv var_t dir", "label /srv/app httpd_sys_content_t dir"];

  test("names both labels, and offers to make the one on disk the default", () => {
    const verdict = said(contextOf("rhel9", ...labels), file("content", "/srv/app"), rule);
    assert.equal(
      verdict?.message,
      "/srv/app: SELinux refuses it after the next relabel. /srv/app has httpd_sys_content_t on disk and var_t by default.",
    );
    assert.deepEqual(verdict.fixes[0]?.commands, [
      "sudo semanage fcontext -a -t httpd_sys_content_t '/srv/app(/.*)?'",
      "sudo restorecon -Rv /srv/app",
    ]);
    assert.ok(verdict.fixes.every((fix) => fix.durable));
  });

  test("is silent of a mount that has one label, and none is offered for what is refused there", () => {
    const context = contextOf("rhel9", ...labels);
    assert.ok(context.host !== null);
    const mounted = { ...context, host: { ...context.host, fixedLabels: ["/srv"] } };
    assert.equal(said(mounted, file("content", "/srv/app"), rule), undefined);
    const refused = said(mounted, file("cache", "/srv/app"), "write-path");
    assert.match(refused?.because.join() ?? "", /change its option context=/);
    assert.ok(!/semanage|restorecon|chcon/.test(JSON.stringify(refused?.fixes)));
  });

  test("is silent of a type that restorecon leaves alone", () => {
    const context = contextOf("rhel9", ...labels, "customizable httpd_sys_content_t");
    assert.equal(said(context, file("content", "/srv/app"), rule), undefined);
  });

  test("is silent where the label on disk is the default, or where nothing is there", () => {
    const context = contextOf("rhel9", "label /srv/www httpd_sys_content_t dir", "missing /srv/none");
    assert.equal(said(context, file("content", "/srv/www"), rule), undefined);
    assert.equal(said(context, file("content", "/srv/none"), rule), undefined);
  });

  test("is silent where the label on disk is refused: that is the access's own finding", () => {
    const context = contextOf("rhel9", "label /srv/app user_home_t dir");
    assert.equal(said(context, file("content", "/srv/app"), rule), undefined);
    assert.notEqual(said(context, file("content", "/srv/app"), "read-path"), undefined);
  });

  const socket = [
    "label /run var_run_t dir",
    "label /run/app var_run_t dir",
    "label /run/app/a.sock httpd_var_run_t sock",
  ];

  test("says of a socket that its service makes anew with another label how to label the directory", () => {
    const context = contextOf("rhel8", ...socket, "peer /run/app/a.sock unconfined_service_t");
    const verdict = said(context, unix("/run/app/a.sock"), rule);
    assert.deepEqual(verdict?.fixes[0]?.commands, [
      "sudo semanage fcontext -a -t httpd_var_run_t '/var/run/app(/.*)?'",
      "sudo restorecon -Rv /run/app",
    ]);
  });

  test("is silent of a socket that its service makes right by itself, and where the service is not known", () => {
    const made = contextOf("rhel9", ...socket, "peer /run/app/a.sock httpd_t");
    assert.equal(said(made, unix("/run/app/a.sock"), rule), undefined);
    assert.equal(said(contextOf("rhel9", ...socket), unix("/run/app/a.sock"), rule), undefined);
  });
});

/** What not-confined says; null where it is silent. */
function confinement(context: RuleContext): string | null {
  const [said, ...more] = notConfined.judge(context);
  assert.deepEqual(more, []);
  assert.equal(said?.place ?? null, null);
  return said?.verdict.message ?? null;
}

suite("not-confined", () => {
  test("says how the domain was found", () => {
    assert.equal(
      confinement(contextOf("rhel9", "nginx unconfined_service_t")),
      "nginx runs in unconfined_service_t, not in httpd_t (the running master process (pid 812)). " +
        "unconfined_service_t is the domain that is checked here.",
    );
  });

  test("speaks of the container rather than of its domain", () => {
    assert.equal(
      confinement(contextOf("rhel9", "container container_t")),
      "This configuration is for nginx in a container: the nginx of this host runs in one (the running master process (pid 812), container_t). " +
        "SELinux's answers are not known there, so only its mounts are checked.",
    );
  });

  test("speaks of the mode whatever the domain is", () => {
    const context = contextOf("rhel9", "nginx unconfined_service_t");
    for (const [mode, words] of [
      ["permissive", /is permissive on RHEL 9: what it would refuse is logged/],
      ["disabled", /is disabled on RHEL 9: nothing is refused/],
    ] as const) {
      const policy = informed(context.policy, { mode });
      assert.match(confinement({ ...context, policy }) ?? "", words);
    }
  });

  test("is silent of httpd_t on an enforcing host, and of a bundled policy", () => {
    assert.equal(confinement(contextOf("rhel9")), null);
    assert.equal(confinement({ ...contextOf("rhel9"), policy: release("rhel9"), host: null }), null);
  });
});

suite("container-mount", () => {
  const mount: UnlabelledMount = {
    file: "/repo/compose.yml",
    range: { start: { line: 4, character: 8 }, end: { line: 4, character: 29 } },
    lines: textOf(""),
    source: "./html",
    target: "/usr/share/nginx/html",
    path: "/repo/html",
    relabel: "Z",
    newText: "./html:/usr/share/nginx/html:Z",
  };
  const verdicts = (more: Partial<RuleContext>): readonly HostVerdict[] =>
    containerMount.judge({ ...contextOf("rhel9"), host: null, container: "a test says so", mounts: [mount], ...more });
  const labelled = (type: string): HostState => ({
    ...hostState({}),
    label: () => ({ state: "present", type, kind: "dir" }),
  });

  test("is said at the mount, with the text that mends it", () => {
    const [said] = verdicts({});
    assert.deepEqual(said?.place, { path: mount.file, range: mount.range, lines: mount.lines });
    assert.match(said.verdict.message, /^\.\/html \(no :z or :Z\): SELinux refuses this mount to the container/);
    assert.deepEqual(said.verdict.fixes[0]?.outside, { path: mount.file, range: mount.range, newText: mount.newText });
    assert.deepEqual(said.verdict.fixes[0]?.commands, []);
  });

  test("is silent where the files have the label of containers on disk, and names another", () => {
    assert.deepEqual(verdicts({ host: labelled("container_file_t") }), []);
    assert.match(verdicts({ host: labelled("user_home_t") })[0]?.verdict.because[0] ?? "", /is labelled user_home_t/);
  });

  test("is silent outside of a container, and where SELinux refuses nothing", () => {
    assert.deepEqual(verdicts({ container: null }), []);
    for (const mode of ["permissive", "disabled"] as const) {
      assert.deepEqual(verdicts({ policy: policyOf(informed(release("rhel9"), { mode }).facts) }), []);
    }
  });
});
