/** The plan of a configuration that the kernel refuses nearly whole: one script, one module, and back. */
import assert from "node:assert/strict";
import { after, afterEach, before, suite, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { assertWorks } from "./agreement.ts";
import { configureNginx, curl, tryNginx } from "./nginx.ts";
import { check, guestOfRun, messages, rulesOf, writePlan } from "./product.ts";
import { backend, page, stopBackend } from "./situations/situation.ts";

const guest = guestOfRun();
const PLAN = "/root/nginx_site";
const paths = ["port", "cache", "socket", "files/"] as const;
const refused = ["connect-port", "connect-socket", "listen-port", "read-path", "write-path"];

// Commands in the guest are waited for: give the report its turn.
afterEach(() => setImmediate());

suite("the plan of a configuration", () => {
  before(() => {
    guest.run(`${page("/srv/plan/files")}; mkdir /srv/plan-logs
      ${backend("one", "http:4567")}; ${backend("two", "http:8080")}
      ${backend("three", "http:/run/app/app.sock", "-p RuntimeDirectory=app")}`);
    configureNginx(guest, {
      listen: "8888",
      http: "access_log /srv/plan-logs/access.log;",
      server: `
        location = /port { proxy_pass http://127.0.0.1:4567; }
        location = /cache { proxy_pass http://127.0.0.1:8080; }
        location = /socket { proxy_pass http://unix:/run/app/app.sock; }
        location /files/ { root /srv/plan; }
        location = / { return 200; }`,
    });
    isRefused();
  });

  after(() => {
    guest.run(`${["one", "two", "three"].map(stopBackend).join("; ")}
      rm -r /srv/plan /srv/plan-logs`);
  });

  test("as a script makes everything work, can be run again, and takes all of it back", (context) => {
    writePlan(guest, "script", `${PLAN}.sh`);
    try {
      const first = timed(() => guest.run(`sh ${PLAN}.sh </dev/null`));
      assert.equal(guest.attempt("systemctl is-active nginx").code, 0, "the script starts nginx, which was down");
      context.diagnostic(`applied in ${first.seconds.toFixed(0)} s`);
      works();
      const before = stored();
      const { result: again, seconds } = timed(() => guest.run(`sh ${PLAN}.sh </dev/null 2>&1`));
      context.diagnostic(`run again in ${seconds.toFixed(0)} s: ${again.trim().replaceAll("\n", "; ")}`);
      assert.match(again, /nothing to do/);
      assert.doesNotMatch(again, /one transaction|installing|[Rr]elabeled|restorecon reset/);
      assert.equal(stored(), before, "the second run changes nothing");
      // What changes nothing builds no policy, which is most of the first run, on a busy machine too.
      assert.ok(seconds < first.seconds / 2, `${seconds} s after ${first.seconds} s, under emulation`);
      works();
    } finally {
      guest.run(`sh ${PLAN}.sh --undo </dev/null`);
    }
    isRefused();
  });

  test("as a module makes everything work, and its own commands take all of it back", (context) => {
    writePlan(guest, "cil", `${PLAN}.cil`);
    const text = guest.run(`cat ${PLAN}.cil`);
    const commandsAfter = (heading: RegExp): string => {
      const lines = text.split("\n");
      const from = lines.findIndex((line) => heading.test(line)) + 1;
      assert.notEqual(from, 0, text);
      const to = lines.findIndex((line, index) => index >= from && !line.startsWith(";   "));
      return lines
        .slice(from, to)
        .map((line) => line.slice(4))
        .join("\n");
    };
    try {
      const { seconds } = timed(() => guest.run(`cd /root\n${commandsAfter(/^; Install, /)}`));
      context.diagnostic(`installed in ${seconds.toFixed(0)} s`);
      works();
    } finally {
      guest.run(`cd /root\n${commandsAfter(/^; Remove:/)}`);
    }
    isRefused();
  });
});

function timed<T>(work: () => T): { readonly result: T; readonly seconds: number } {
  const began = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - began) / 1000 };
}

/** What the host keeps of its policy, and the labels of what the plan is about, in one sum. */
function stored(): string {
  return guest.run(`{ find /etc/selinux /var/lib/selinux -type f ! -name '*.LOCK' -printf '%p %s %T@\\n' | sort
    getsebool -a; ls -dZ /srv/plan /srv/plan/files /srv/plan-logs /run/app /run/app/app.sock; } | sha256sum`);
}

/** The directory of a socket has no default label here: it gets another when its service makes it anew. */
function isRefused(): void {
  guest.run("systemctl restart three");
  assert.equal(tryNginx(guest, curl("http://127.0.0.1:8888/")).runs, false);
  assert.deepEqual(rulesOf(check(guest).report), refused);
}

function works(): void {
  for (const path of paths) assertWorks(tryNginx(guest, curl(`http://127.0.0.1:8888/${path}`)), path);
  assert.deepEqual(messages(check(guest).report), []);
}
