/** The tools for assistants: their answers, their bounds, and what they refuse. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { answerTool, type ToolAnswer, type Workplace } from "../../../server/src/assistant/answer.ts";
import { createLanguageService } from "../../../server/src/languageService.ts";
import { checkTool, explainTool, planTool } from "../../../server/src/shared/assistantTools.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { createMemoryHost, type MemoryEntry, type MemoryHost } from "../../support/memoryHost.ts";

const site = "events {}\nhttp {\n  upstream app { server 127.0.0.1:3000; }\n  include conf.d/*.conf;\n}\n";
const shop = "server {\n  location / { proxy_pass http://app; }\n}\n";
const files = { "/home/dev/site/nginx.conf": site, "/home/dev/site/conf.d/shop.conf": shop };
const denial =
  'type=AVC msg=audit(1700000000.123:7): avc:  denied  { name_connect } for  pid=7 comm="nginx" dest=3000 ' +
  "scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:ntop_port_t:s0 tclass=tcp_socket permissive=0";

interface Asked extends ToolAnswer {
  readonly host: MemoryHost;
}

async function ask(name: string, input: unknown, more: Readonly<Record<string, MemoryEntry>> = {}): Promise<Asked> {
  const host = createMemoryHost({ ...files, ...more }, (release) =>
    release === "rhel9" ? bundledText("rhel9") : undefined,
  );
  const folders = ["/home/dev/site"];
  const settings = { ...defaultSettings, policy: "rhel9" };
  const surroundings = { ...plainSurroundings, folders, bound: true, settingsFor: () => settings };
  const place: Workplace = { host, service: createLanguageService(host, surroundings), folders };
  return { ...(await answerTool(name, input, place, { aborted: false })), host };
}

suite("an assistant", () => {
  test("checks a file of the workspace: the refusal, its evidence, the commands and the undo", async () => {
    const { text, isError } = await ask(checkTool, { file: "nginx.conf" });
    assert.equal(isError, false);
    assert.match(text, /^Policy: RHEL 9 /);
    assert.match(text, /\nnginx\.conf:3:25: error: tcp port 3000 \(ntop_port_t\): SELinux refuses/);
    assert.match(text, /used proxy_pass at conf\.d\/shop\.conf:2:/);
    assert.match(text, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    assert.match(text, /undo sudo semanage port -d -p tcp 3000/);
    assert.match(text, /why {2}tcp port 3000 has type ntop_port_t/);
  });

  test("names the main file that a fragment belongs to", async () => {
    const { text } = await ask(checkTool, { file: "/home/dev/site/conf.d/shop.conf" });
    assert.match(text, /^conf\.d\/shop\.conf is a part of nginx\.conf, which was checked\.$/m);
    assert.match(text, /3000/);
  });

  test("explains a port, a socket, a path and a rule", async () => {
    assert.match((await ask(explainTool, { about: "tcp/3000" })).text, /connect to tcp port 3000 as httpd_t: denied/);
    assert.match((await ask(explainTool, { about: "tcp/8080" })).text, /as httpd_t: denied[^]*listen|allowed/);
    assert.match((await ask(explainTool, { about: "unix:/run/app.sock" })).text, /unix socket \/run\/app\.sock/);
    assert.match((await ask(explainTool, { about: "/srv/www" })).text, /read .*\/srv\/www/);
    assert.match((await ask(explainTool, { about: "connect-port" })).text, /^# .*\(connect-port\)\n/);
  });

  test("explains a line of a log, joined to the configuration", async () => {
    const alone = await ask(explainTool, { about: denial });
    assert.match(alone.text, /tcp port 3000/);
    assert.doesNotMatch(alone.text, /In the configuration/);
    const joined = await ask(explainTool, { about: denial, file: "nginx.conf" });
    assert.match(joined.text, /In the configuration: nginx\.conf:3 /);
    assert.match(joined.text, /sudo semanage port -a -t http_port_t -p tcp 3000/);
  });

  test("gets the plan as a script, and in the form that it asks for", async () => {
    assert.match((await ask(planTool, { file: "nginx.conf" })).text, /^#!\/bin\/sh\n[^]*semanage port/);
    assert.match((await ask(planTool, { file: "nginx.conf", format: "ansible" })).text, /community\.general\.seport/);
  });

  test("is refused every file outside of the workspace, and none is read", async () => {
    const outside = {
      "/etc/passwd": "root:x:0:0",
      "/home/dev/site2/nginx.conf": site,
      "/home/dev/site/link.conf": { link: "/etc/passwd" },
    };
    for (const file of [
      "/etc/passwd",
      "../site2/nginx.conf",
      "/home/dev/site/../site2/nginx.conf",
      "link.conf",
      "/home/dev",
    ]) {
      for (const input of [{ file }, { file, about: "tcp/3000" }]) {
        const { text, isError, host } = await ask("about" in input ? explainTool : checkTool, input, outside);
        assert.equal(isError, true, file);
        assert.match(text, /is outside of the workspace \(\/home\/dev\/site\), and nothing else may be read\.$/);
        assert.deepEqual(host.reads, []);
      }
    }
  });

  test("is told of an include that leads outside, and it is not read", async () => {
    const main = "events {}\nhttp {\n  include /etc/passwd;\n  include secret.conf;\n}\n";
    const more = {
      "/home/dev/site/nginx.conf": main,
      "/etc/passwd": "root:x:0:0;",
      "/home/dev/site/secret.conf": { link: "/etc/passwd" },
    };
    const { text, host } = await ask(checkTool, { file: "nginx.conf" }, more);
    assert.match(text, /^nginx\.conf:3: not followed: "\/etc\/passwd" is outside/m);
    assert.match(text, /^nginx\.conf:4: not followed: .* which is outside/m);
    assert.doesNotMatch(text, /root:x/);
    assert.ok(!host.reads.includes("/etc/passwd"));
  });

  test("gets a reason for what it cannot have", async () => {
    const reason = async (name: string, input: unknown): Promise<string> => {
      const { text, isError } = await ask(name, input);
      assert.equal(isError, true, text);
      return text;
    };
    assert.match(await reason("setenforce", {}), /no tool "setenforce"/);
    assert.match(await reason(checkTool, {}), /needs "file"/);
    assert.match(await reason(checkTool, null), /needs "file"/);
    assert.match(await reason(checkTool, { file: 5 }), /needs a text/);
    assert.match(await reason(checkTool, { file: "nginx.conf", run: "rm" }), /no property "run"/);
    assert.match(await reason(checkTool, { file: "none.conf" }), /none\.conf cannot be read: No such file/);
    assert.match(await reason(planTool, { file: "nginx.conf", format: "sql" }), /takes script, .* not "sql"/);
    assert.match(await reason(explainTool, { about: "constructor" }), /no target/);
    assert.match(await reason(explainTool, { about: "x".repeat(200_001) }), /at most 200000 characters/);
  });

  test("gets a long answer up to a line, with the number of characters that were left out", async () => {
    const servers = Array.from({ length: 150 }, (_, i) => `  server { listen ${20000 + i}; }\n`).join("");
    const many = { "/home/dev/site/nginx.conf": `events {}\nhttp {\n${servers}}\n` };
    const { text } = await ask(checkTool, { file: "nginx.conf" }, many);
    assert.ok(text.length < 61_000, String(text.length));
    assert.match(text, /\n\.\.\. \d+ more characters: nginx-selinux check prints all of it\.\n$/);
  });
});
