import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { completionsAt } from "../../../server/src/features/completion/completion.ts";
import { includeDirectoryAt } from "../../../server/src/features/completion/includePaths.ts";
import { describedDirectives } from "../../../server/src/features/directiveDescriptions.ts";
import { directiveContexts } from "../../../server/src/nginx/tree/directives.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import type { Change } from "../../../server/src/selinux/policy.ts";
import { bundledFacts } from "../../support/bundledPolicies.ts";
import { marked } from "../../support/marked.ts";
import type { RuleContext } from "../../../server/src/rules/context.ts";

const main = "/etc/nginx/nginx.conf";
const context = (changes: readonly Change[] = []): RuleContext => ({
  policy: policyOf(bundledFacts("rhel9")).with(changes),
  source: "httpd_t",
  localPorts: [32768, 60999],
  host: null,
  container: null,
  ownSockets: new Set(),
  mounts: [],
});

async function labels(text: string, policy: RuleContext | null = context()): Promise<readonly string[]> {
  const { view, position } = await marked({ [main]: text });
  return completionsAt(view, position, policy).map(({ label }) => label);
}
const inHttp = (text: string): string => `events {}\nhttp {\n${text}\n}\n`;
const inLocation = (text: string): string => inHttp(`server {\n location / {\n  ${text}\n }\n}`);

suite("completion of directives", () => {
  test("those of the block around the cursor", async () => {
    const ofLocation = await labels(inLocation("prox|"));
    assert.ok(ofLocation.includes("proxy_pass") && ofLocation.includes("include"));
    assert.ok(!ofLocation.includes("listen") && !ofLocation.includes("worker_processes"));
    assert.ok((await labels("work|\n")).includes("worker_processes"));
    assert.ok((await labels("events {}\nstream {\n server {\n  |\n }\n}\n")).includes("proxy_pass"));
    assert.deepEqual((await labels(inHttp("upstream a {\n  serv|\n}"))).includes("server"), true);
  });

  test("before a statement that follows, whose words the unfinished one seems to have", async () => {
    assert.ok((await labels(inHttp("server {\n  lis|\n  location / { return 200; }\n}"))).includes("listen"));
  });

  test("nothing in comments, quoted words, Lua and data", async () => {
    for (const text of ["# prox|", '"prox|', 'return "a|', "content_by_lua_block { loc| }", 'set $a "x|y";']) {
      assert.deepEqual(await labels(inLocation(text)), [], text);
    }
    assert.deepEqual(await labels(inHttp("map $a $b { de| }")), []);
  });

  test("replaces what is typed", async () => {
    const { view, position } = await marked({ [main]: inLocation("prox|") });
    const [first] = completionsAt(view, position, null);
    assert.deepEqual(first?.textEdit, {
      range: { start: { line: 4, character: 2 }, end: position },
      newText: first?.label,
    });
  });
});

suite("completion of arguments", () => {
  test("upstreams come first, then ports that SELinux allows, with their types", async () => {
    const text = inHttp("upstream app { server 127.0.0.1:1; }\nserver { location / { proxy_pass |; } }");
    assert.deepEqual(await labels(text), ["http://app"]);
    const relay = context([{ kind: "boolean", name: "httpd_can_network_relay", value: true }]);
    const open = await labels(text, relay);
    assert.deepEqual(open.slice(0, 3), ["http://app", "http://127.0.0.1:80", "http://127.0.0.1:81"]);
    assert.ok(open.includes("http://127.0.0.1:8080"));
    assert.ok(!open.some((label) => /:(?:53|88|3000)$/.test(label)));
  });

  test("the ports that nginx may listen on", async () => {
    const ports = await labels(inHttp("server { listen | }"));
    assert.ok(ports.includes("80") && ports.includes("8443") && ports.includes("8080"));
    assert.ok(!ports.includes("8081"));
    assert.deepEqual(await labels(inHttp("server { listen | }"), null), []);
  });

  test("stream wants no scheme, and its upstreams are its own", async () => {
    const text = "events {}\nstream {\n upstream db { server 127.0.0.1:1; }\n server { proxy_pass | }\n}\n";
    assert.deepEqual(await labels(text), ["db"]);
  });

  test("variables of nginx and of the configuration, behind what is typed", async () => {
    const own = await labels(
      inHttp("map $host $backend { default 1; }\nserver { location / { proxy_pass http://$back|; } }"),
    );
    assert.ok(own.includes("http://$backend") && own.includes("http://$host"));
  });

  test("variables in quoted words, behind them, and in braces", async () => {
    for (const [text, label] of [
      ['add_header A "x $ho|', "x $host"],
      ["return 200 'a\\' $|';", "a\\' $host"],
      ['add_header "A b" $|', "$host"],
      ["proxy_set_header A a${ho|", "a${host}"],
      ['proxy_set_header A "a${ho|}b";', "a${host"],
    ] as const)
      assert.ok((await labels(inLocation(text))).includes(label), text);
  });

  test("ports behind the host that is typed", async () => {
    for (const host of ["[::]:", "127.0.0.1:", "*:", "shop.example:"])
      assert.ok((await labels(inHttp(`server { listen ${host}| }`))).includes(`${host}8443`), host);
    assert.ok((await labels(inHttp("server { listen [::1]:8| }"))).includes("[::1]:8080"));
    const relay = context([{ kind: "boolean", name: "httpd_can_network_relay", value: true }]);
    for (const [text, label] of [
      ["upstream a { server localhost:|; }", "localhost:8080"],
      ["upstream a { server 10.0.0.7:80|; }", "10.0.0.7:8080"],
      ["server { location / { proxy_pass https://[::1]:|; } }", "https://[::1]:8443"],
      ["server { location / { proxy_pass http://|; } }", "http://127.0.0.1:8080"],
    ] as const)
      assert.ok((await labels(inHttp(text), relay)).includes(label), text);
    for (const text of ["upstream a { server unix:|; }", "server { listen unix:| }"])
      assert.deepEqual(await labels(inHttp(text), relay), [], text);
  });

  test("only names that are known where they are typed", async () => {
    const inBoth = (http: string, stream: string): string =>
      `events {}\nhttp {\n upstream web { server unix:/a; }\n ${http}\n}\nstream {\n upstream db { server unix:/b; }\n ${stream}\n}\n`;
    assert.deepEqual(await labels(inBoth("server { location / { proxy_pass |; } }", "")), ["http://web"]);
    assert.deepEqual(await labels(inBoth("", "server { proxy_pass |; }")), ["db"]);
    const twoServers =
      "server { location @a { return 1; } }\nserver { location @b { return 1; } location / { try_files $uri |; } }";
    assert.deepEqual(await labels(inHttp(twoServers)), ["@b"]);
  });

  test("named locations, caches and zones", async () => {
    assert.deepEqual(await labels(inHttp("server { location @a { return 1; } location / { try_files $uri | } }")), [
      "@a",
    ]);
    assert.deepEqual(await labels(inHttp("limit_req_zone $host zone=one:1m rate=1r/s;\nserver { limit_req |; }")), [
      "zone=one",
    ]);
    assert.deepEqual(await labels(inHttp("proxy_cache_path /c keys_zone=c:1m;\nserver { proxy_cache |; }")), ["c"]);
  });
});

/** Directives of modules that do not come with nginx. */
const ofModules: ReadonlySet<string> = new Set(["acme_issuer", "js_import"]);

test("every description is of a directive that nginx has, and ends as a sentence", () => {
  for (const [name, text] of describedDirectives()) {
    assert.ok(directiveContexts(name) !== undefined || ofModules.has(name), name);
    assert.match(text, /^[A-Z].*[.]$/u, name);
  }
});

suite("completion of paths to include", () => {
  const entries = (
    [
      ["b.conf", "file"],
      ["a.conf", "link"],
      ["sites", "directory"],
      [".git", "directory"],
      ["two words", "file"],
      ["x;y", "file"],
      ["what?.conf", "file"],
    ] as const
  ).map(([name, kind]) => ({ name, kind }));

  test("folders, files, and one pattern for several; no hidden name, and none that nginx would not read as it is", async () => {
    for (const typed of ["", "conf.d/", "../"]) {
      const { view, position } = await marked({ [main]: inHttp(`include ${typed}|`) });
      assert.equal(includeDirectoryAt(view, position), typed);
      assert.deepEqual(
        completionsAt(view, position, null, entries)
          .toSorted((a, b) => ((a.sortText ?? "") < (b.sortText ?? "") ? -1 : 1))
          .map(({ label }) => label),
        [`${typed}*.conf`, `${typed}a.conf`, `${typed}b.conf`, `${typed}sites/`],
      );
    }
  });

  test("an entry that is not UTF-8 is left out, and a pattern for one file", async () => {
    const { view, position } = await marked({ [main]: inHttp("include conf.d/s|") });
    assert.equal(includeDirectoryAt(view, position), "conf.d/");
    const odd = [
      { name: "\uFFFD.conf", kind: "file", isMangled: true } as const,
      { name: "s.conf", kind: "file" } as const,
    ];
    const items = completionsAt(view, position, null, odd);
    assert.deepEqual(
      items.map(({ label, textEdit }) => [label, textEdit?.newText]),
      [["conf.d/s.conf", "conf.d/s.conf"]],
    );
  });

  test("no directory is asked for elsewhere", async () => {
    for (const text of ["includes |", "include a |", "root |", "include */|", "# include |", 'include "|']) {
      const { view, position } = await marked({ [main]: inHttp(text) });
      assert.equal(includeDirectoryAt(view, position), null, text);
    }
  });
});
