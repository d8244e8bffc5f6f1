/** A unix socket that its label refuses, and the process that listens as well: one finding, fixes that clear both. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { analyzeInSteps, type Analysis } from "../../server/src/analysis/analysis.ts";
import { collect } from "../../server/src/analysis/collected.ts";
import { loadConfiguration } from "../../server/src/nginx/load/loadConfiguration.ts";
import { offersOf } from "../../server/src/offers/offeredFixes.ts";
import type { HostState, SocketPeer } from "../../server/src/selinux/host/hostState.ts";
import type { SeveritySetting } from "../../server/src/shared/settings.ts";
import type { Release } from "../support/bundledPolicies.ts";
import { memoryReader } from "../support/memoryReader.ts";
import { contextOf, hostState, informed, release } from "./situation.ts";

const main = "/etc/nginx/nginx.conf";
const path = "/run/myapp/app.sock";
const gunicorn: SocketPeer = { domain: "unconfined_service_t", process: "gunicorn (pid 900)", assumed: false };

interface Situation {
  readonly on?: Release;
  readonly severity?: Readonly<Record<string, SeveritySetting>>;
  /** Who listens on the socket, on a live host. */
  readonly peer?: SocketPeer;
}

/** A configuration with these lines in its only server. */
async function analysed(lines: string, { on = "rhel9", severity = {}, peer }: Situation = {}): Promise<Analysis> {
  const text = `events {}\nhttp {\nserver {\n${lines}\n}\n}\n`;
  const configuration = await loadConfiguration(main, memoryReader({ [main]: text }));
  const bundled = release(on);
  const policy = peer === undefined ? bundled : informed(bundled, { mode: "enforcing", exactLabels: true });
  const host: HostState | null = peer === undefined ? null : hostState({}, { [path]: peer }, policy);
  const context = { ...contextOf(policy), host };
  const steps = analyzeInSteps(collect(configuration), { context, severity: new Map(Object.entries(severity)) });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const proxied = `location / { proxy_pass http://unix:${path}:/; }`;

function said({ findings }: Analysis): readonly unknown[] {
  return findings.map(({ rule, rules, severity, access }) => [rule, rules, severity, access?.protocol]);
}

test("where the process was not seen, a module is to be chosen for each domain that it may have", async () => {
  const analysis = await analysed(proxied);
  const offers = offersOf(analysis);
  const [finding] = analysis.findings;
  assert.ok(finding !== undefined);
  const modules = offers(finding).flatMap(({ fix, preferred }) =>
    fix.durable && fix.edit === undefined ? [[fix.module?.name, preferred] as const] : [],
  );
  assert.deepEqual(modules, [
    ["nginx_connectto_unconfined_service_t", true],
    ["nginx_connectto_initrc_t", false],
    ["nginx_connectto_unconfined_t", false],
  ]);
  assert.match(
    finding.verdict?.because.join("\n") ?? "",
    /initrc_t where a SysV script .* unconfined_t where a person/u,
  );
});

test("where the process was seen there is nothing to choose: the module names its domain", async () => {
  for (const domain of ["initrc_t", "unconfined_t"]) {
    const analysis = await analysed(proxied, { peer: { ...gunicorn, domain } });
    const offers = offersOf(analysis);
    const names = analysis.findings.flatMap((finding) =>
      offers(finding).flatMap(({ fix }) => (fix.module === undefined ? [] : [fix.module.name])),
    );
    assert.deepEqual([...new Set(names)], [`nginx_connectto_${domain}`]);
  }
});

test("a socket in a home is one of an application, so its move takes the module as well", async () => {
  const home = "location / { proxy_pass http://unix:/home/al/app/app.sock; }";
  for (const on of ["rhel9", "rhel10", "fedora"] as const) {
    const analysis = await analysed(home, { on });
    const offers = offersOf(analysis);
    const edits = analysis.findings.flatMap((finding) => offers(finding).filter(({ fix }) => fix.id === "edit"));
    assert.ok(edits.length > 0, on);
    for (const { fix } of edits) assert.match(fix.commands.join(), /connectto/u, on);
  }
});

suite("a socket that is refused twice", () => {
  test("is one finding whose message tells both reasons", async () => {
    const analysis = await analysed(proxied);
    assert.deepEqual(said(analysis), [["connect-socket", ["connect-socket", "connect-peer"], "warning", "unix"]]);
    const [finding] = analysis.findings;
    assert.equal(
      finding?.message,
      "/run/myapp/app.sock (var_run_t): SELinux may refuse nginx's connection; then requests fail (HTTP: 502) on RHEL 9. " +
        "A service in unconfined_service_t (gunicorn, puma, node) is refused whatever the label.",
    );
    const { decision } = finding.verdict ?? {};
    assert.deepEqual([decision?.target, decision?.cls], ["var_run_t", "sock_file"]);
    assert.ok(decision?.evidence.some(({ cls }) => cls === "unix_stream_socket"));
  });

  test("names the process where it is known", async () => {
    const analysis = await analysed(proxied, { peer: gunicorn });
    assert.deepEqual(said(analysis), [["connect-socket", ["connect-socket", "connect-peer"], "error", "unix"]]);
    assert.match(
      analysis.findings[0]?.message ?? "",
      /app\.sock \(var_run_t\): SELinux refuses .*The service \(gunicorn \(pid 900\): unconfined_service_t\) is refused whatever the label\./,
    );
  });

  test("is carried by the graver reason, with its access", async () => {
    const analysis = await analysed(proxied, { severity: { "connect-socket": "hint" }, peer: gunicorn });
    assert.deepEqual(said(analysis), [["connect-peer", ["connect-peer", "connect-socket"], "error", "unix"]]);
    assert.equal(analysis.findings[0]?.verdict?.decision?.cls, "unix_stream_socket");
  });

  test("keeps the other reason where one is switched off or silenced", async () => {
    for (const [id, other] of [
      ["connect-peer", "connect-socket"],
      ["connect-socket", "connect-peer"],
    ] as const) {
      const off = await analysed(proxied, { severity: { [id]: "off" } });
      assert.deepEqual(said(off), [[other, [other], "warning", "unix"]]);
      const silenced = await analysed(`# selinux-ignore ${id} known\n${proxied}`);
      assert.deepEqual(said(silenced), [[other, [other], "warning", "unix"]]);
      assert.deepEqual(
        silenced.silenced.map(({ finding, reason }) => [finding.rules, reason]),
        [[[id], "known"]],
      );
    }
  });

  test("is told at each server of an upstream, for each needs both", async () => {
    const analysis = await analysed(
      "location / { proxy_pass http://app; } } upstream app { server unix:/run/a/a.sock; server unix:/run/a/b.sock;",
    );
    assert.deepEqual(
      analysis.findings.map(({ rules }) => rules),
      [
        ["connect-socket", "connect-peer"],
        ["connect-socket", "connect-peer"],
      ],
    );
  });

  test("gets no fix after which requests still fail", async () => {
    const sockets = [path, "/run/x.sock", "/srv/app/a.sock", "/var/lib/app/run/a.sock", "/run/mysqld/mysqld.sock"];
    let fixes = 0;
    for (const on of ["rhel7", "rhel8", "rhel9", "rhel10", "fedora"] as const) {
      for (const socket of sockets) {
        for (const peer of [undefined, gunicorn, { ...gunicorn, domain: "initrc_t" }]) {
          const lines = `location / { proxy_pass http://unix:${socket}:/; }`;
          const analysis = await analysed(lines, { on, ...(peer === undefined ? {} : { peer }) });
          for (const finding of analysis.findings) {
            const { access, rules } = finding;
            assert.ok(access !== null);
            for (const { fix, edits } of offersOf(analysis)(finding)) {
              if (edits.length > 0) continue;
              fixes++;
              const other = /^module-(\w+)$/u.exec(fix.id)?.[1];
              const policy = analysis.context.policy.with(fix.changes);
              if (other !== undefined) {
                // For a process that was not seen, in another domain than the usual one.
                assert.ok(peer === undefined || socket !== path, fix.title);
                assert.equal(policy.check("httpd_t", other, "unix_stream_socket", "connectto").verdict, "allowed");
                continue;
              }
              const after = analysis.evaluator.under(policy);
              assert.equal(after.refusal(access, rules), null, `${on} ${socket} ${rules.join(" and ")}: ${fix.title}`);
            }
          }
        }
      }
    }
    assert.ok(fixes > 40, `only ${fixes} fixes were replayed`);
  });

  test("is offered the label and the module in one, the temporary label with the module too", async () => {
    const analysis = await analysed(proxied);
    const [finding] = analysis.findings;
    assert.ok(finding !== undefined);
    const offers = offersOf(analysis)(finding).filter(
      ({ fix, edits }) => edits.length === 0 && !fix.id.startsWith("module-"),
    );
    const module = [
      "printf '%s\\n' '(allow httpd_t unconfined_service_t (unix_stream_socket (connectto)))' > nginx_connectto_unconfined_service_t.cil",
      "sudo semodule -i nginx_connectto_unconfined_service_t.cil",
    ];
    assert.deepEqual(
      offers.map(({ fix }) => [fix.id, fix.durable, fix.commands]),
      [
        [
          "label-directory",
          true,
          [
            "sudo semanage fcontext -a -t httpd_var_run_t '/var/run/myapp(/.*)?'",
            ...module,
            "sudo restorecon -Rv /run/myapp",
          ],
        ],
        ["chcon", false, [`sudo chcon -t httpd_var_run_t ${path}`, ...module]],
      ],
    );
  });
});
