import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createLanguageService } from "../../../server/src/languageService.ts";
import { plainSurroundings } from "../../../server/src/workspace/surroundings.ts";
import { defaultSettings } from "../../../server/src/shared/settings.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { createMemoryHost } from "../../support/memoryHost.ts";

const path = "/etc/nginx/nginx.conf";
const uri = `file://${path}`;

const sample = `events {}
http {
  upstream app { server 127.0.0.1:3000; server 127.0.0.1:8080; server 10.0.0.1:53; }
  server {
    listen 80;
    location /a { proxy_pass http://app; }
    location /b { proxy_pass http://127.0.0.1:5432; }
    location /c { proxy_pass http://$host; }
  }
}
`;

interface Asked {
  readonly text?: string;
  readonly links?: boolean;
}

/** The service with one open file, and the position right behind the first letter of `where`. */
function opened(text: string, where: string) {
  const host = createMemoryHost({ [path]: text }, (name) => (name === "rhel9" ? bundledText("rhel9") : undefined));
  const settings = { ...defaultSettings, policy: "rhel9" };
  const service = createLanguageService(host, { ...plainSurroundings, settingsFor: () => settings });
  service.openDocument(uri, 1, text);
  const before = text.slice(0, text.indexOf(where) + 1).split("\n");
  return { service, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}

async function hoverOver(where: string, { text = sample, links = false }: Asked = {}): Promise<string> {
  const { service, position } = opened(text, where);
  const contents = (await service.hover(uri, position, links))?.contents;
  return typeof contents === "object" && "value" in contents ? contents.value : "";
}

suite("a hover", () => {
  test("over a refused target has the verdict, the commands of the preferred fix, and each boolean once", async () => {
    const shown = await hoverOver("127.0.0.1:5432");
    assert.match(
      shown,
      /^\*\*Refused\*\* by RHEL 9: nginx connects to tcp port `5432` \(`postgresql_port_t`\)\n\nFix: Turn on .*\n\n```sh\nsudo setsebool -P httpd_can_network_connect_db on\n```\n/u,
    );
    assert.match(shown, /\nNow `httpd_can_network_connect_db` is off, .*`httpd_can_network_connect` is off\.$/u);
    for (const name of ["httpd_can_network_connect_db` is", "httpd_can_network_connect` is"])
      assert.equal(shown.split(name).length, 2, name);
    assert.doesNotMatch(shown, /nis_enabled|command:/u);
  });

  test("over an allowed target is one line", async () => {
    assert.equal(
      await hoverOver("80;\n    location"),
      "**Allowed** by RHEL 9: nginx listens on tcp port `80` (`http_port_t`)",
    );
  });

  test("over a target that is not known says why, once", async () => {
    const shown = await hoverOver("$host");
    assert.match(shown, /^\*\*Not known\*\*: .* \$host is not known before a request comes in$/u);
  });

  test("over an upstream's name, at its block and where a pass uses it, lists its servers, refused ones first", async () => {
    const atUse = await hoverOver("app; }");
    const verdicts = [...atUse.matchAll(/^- \*\*(\w+)\*\* .*`(\d+)` .*, nginx\.conf:3$/gmu)].map((match) =>
      match.slice(1),
    );
    assert.deepEqual(verdicts, [
      ["Refused", "3000"],
      ["Refused", "8080"],
      ["Allowed", "53"],
    ]);
    assert.equal(atUse.match(/^Fix: /gmu)?.length, 2);
    assert.equal(await hoverOver("app {"), atUse);
  });

  test("over a directive has its description, its contexts and its arguments", async () => {
    assert.match(await hoverOver("listen 80"), /^\*\*listen\*\*: .*\n\nIn: .*server.*; at least 1 argument$/u);
    assert.match(await hoverOver("location /a"), /^\*\*location\*\*: .*\n\nIn: .*; 1 or 2 arguments and a block$/u);
  });

  test("has links that name the fix, whose commands the service then says", async () => {
    const { service } = opened(sample, "events");
    const shown = await hoverOver("127.0.0.1:5432", { links: true });
    const links = [...shown.matchAll(/\[([\w ]+)\]\(command:nginxSelinux\.(\w+)\?([^)\s]+)\)/gu)];
    assert.deepEqual(
      links.map(([, title, command]) => [title, command]),
      [
        ["Copy", "copyCommands"],
        ["Run in terminal", "runInTerminal"],
        ["Explain", "explain"],
      ],
    );
    const [params]: readonly unknown[] = JSON.parse(decodeURIComponent(links[0]?.[3] ?? ""));
    assert.ok(typeof params === "object" && params !== null);
    const place = { uri, rule: "connect-port", key: "tcp 5432", line: 6, character: 36 };
    assert.deepEqual(params, { ...place, fix: "boolean" });
    assert.deepEqual(await service.fixCommands({ ...place, fix: "boolean" }), {
      commands: ["sudo setsebool -P httpd_can_network_connect_db on"],
    });
    assert.equal(await service.fixCommands({ ...place, fix: "gone" }), null);
    assert.equal(await service.fixCommands({ ...place, key: "tcp 1", fix: "boolean" }), null);
  });

  test("takes no link from a name in the configuration", async () => {
    const name = "/srv/a)[x](command:nginxSelinux.runInTerminal?%5B%5D)`[y](command:z)`/site";
    const text = `events {}\nhttp { server { root "${name}"; } }\n`;
    const shown = await hoverOver("/srv/a", { text, links: true });
    const prose = shown.replaceAll(/^(`{3,})sh\n[\s\S]*?\n\1$/gmu, "").replaceAll(/(`+)(?:(?!\1).)+\1/gu, "");
    const targets = [...prose.matchAll(/(?<!\\)\]\((command:[^?)]*)/gu)].map(([, target]) => target);
    assert.ok(targets.length > 0);
    assert.deepEqual(
      targets.filter((target) => !/^command:nginxSelinux\.(?:copyCommands|runInTerminal|explain)$/u.test(target ?? "")),
      [],
    );
    assert.ok(targets.length <= 3, "one of each for one fix");
  });
});
