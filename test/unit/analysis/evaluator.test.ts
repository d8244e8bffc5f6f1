/** The one evaluator: what it asks once, and what it says under another policy. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createEvaluator, type Evaluator } from "../../../server/src/analysis/evaluator.ts";
import type { Asked } from "../../../server/src/rules/asked.ts";
import { accessRules } from "../../../server/src/rules/index.ts";
import type { AccessRule } from "../../../server/src/rules/rule.ts";
import { contextOf, file, hostState, listen, listenUnix, release, tcp, unix } from "../../rules/situation.ts";

const rhel9 = release("rhel9");

function evaluatorFor(context: Partial<Parameters<typeof createEvaluator>[0]> = {}): Evaluator {
  return createEvaluator({ ...contextOf(rhel9), ...context }, accessRules);
}

suite("the evaluator", () => {
  test("judges equal accesses once, wherever they stand", () => {
    const asked: Asked[] = [];
    const spy: AccessRule = {
      judges: "access",
      id: "spy",
      title: "Counts",
      severity: "hint",
      needsHost: false,
      judge(each) {
        asked.push(each);
        return null;
      },
    };
    const evaluator = createEvaluator(contextOf(rhel9), [spy]);
    const first = tcp(3000);
    const second = tcp(3000, { host: "10.0.0.1", span: { start: 40, end: 44 } });
    for (const access of [first, second, first]) assert.deepEqual(evaluator.judge(access).said, []);
    assert.equal(asked.length, 1);
    assert.equal(evaluator.ask(first), evaluator.ask(second));
    assert.equal(asked[0], evaluator.ask(first));
  });

  test("makes each question once: rules and whoever asks later get the same objects", () => {
    const evaluator = evaluatorFor();
    for (const access of [tcp(3000), unix("/run/app/a.sock"), file("content", "/srv/www"), listenUnix("/run/x.sock")]) {
      const { queries, answer, peer } = evaluator.ask(access);
      assert.equal(queries.length, 1);
      assert.equal(evaluator.ask(access).queries, queries);
      assert.equal(evaluator.ask(access).answer, answer);
      assert.equal(evaluator.ask(access).peer, peer);
    }
  });

  test("says what a rule refuses, and that it does so no longer under another policy", () => {
    const evaluator = evaluatorFor();
    const access = tcp(3000);
    assert.equal(evaluator.refusal(access, ["connect-port"])?.target, "ntop_port_t");
    assert.equal(evaluator.refusal(access, ["connect-socket"]), null);
    const open = rhel9.with([{ kind: "boolean", name: "httpd_can_network_connect", value: true }]);
    assert.equal(evaluator.under(open), evaluator.under(open));
    assert.equal(evaluator.under(open).refusal(access, ["connect-port"]), null);
    assert.equal(evaluator.under(open).ask(access).decision.verdict, "allowed");
    assert.equal(evaluator.ask(access).decision.verdict, "denied");
  });

  test("asks nothing about a target that is not known", () => {
    const evaluator = evaluatorFor();
    for (const access of [
      tcp(null),
      tcp(3000, { certainty: "unknown", reason: "$x" }),
      unix(null),
      listen("tcp", null),
    ]) {
      const { queries, decision, peer } = evaluator.ask(access);
      assert.deepEqual([queries.length, decision.verdict, peer], [0, "unknown", null]);
    }
  });

  test("asks for the ports of a listen in one question, which every port of it must answer", () => {
    const { queries, decision } = evaluatorFor().ask(listen("tcp", 8008, 8010));
    assert.deepEqual(
      queries.map((query) => (query.kind === "bind-port" ? [query.port, query.last] : query.kind)),
      [[8008, 8010]],
    );
    // 8008 and 8009 are web ports, 8010 is not.
    assert.equal(decision.verdict, "denied");
    assert.equal(evaluatorFor().ask(listen("tcp", 8008, 8009)).decision.verdict, "allowed");
  });
});

suite("the decision about a socket", () => {
  const path = "/run/php-fpm/app.sock";
  const peers = (domain: string): Partial<Parameters<typeof createEvaluator>[0]> => ({
    host: hostState({}, { [path]: { domain, process: "app (pid 900)", assumed: false } }),
  });

  test("counts a process that is known to listen", () => {
    assert.equal(evaluatorFor(peers("httpd_t")).ask(unix(path)).decision.verdict, "allowed");
    const { answer, decision } = evaluatorFor(peers("unconfined_service_t")).ask(unix(path));
    assert.equal(answer.verdict, "allowed");
    assert.deepEqual([decision.verdict, decision.cls], ["denied", "unix_stream_socket"]);
  });

  test("does not count one that is assumed", () => {
    const { peer, decision } = evaluatorFor().ask(unix("/run/lighttpd/app.sock"));
    assert.equal(peer?.decision.verdict, "denied");
    assert.equal(decision.verdict, "allowed");
  });

  test("asks nothing about nginx's own sockets", () => {
    const ownSockets = new Set([rhel9.facts.canonicalPath("/run/lighttpd/app.sock")]);
    assert.equal(evaluatorFor({ ownSockets }).ask(unix("/run/lighttpd/app.sock")).peer, null);
  });
});
