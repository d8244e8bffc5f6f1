/** `nginx-selinux mcp --stdio` as an assistant meets it: the official client, over the streams of a real process. */
import assert from "node:assert/strict";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { assistantTools, checkTool, explainTool, planTool } from "../../server/src/shared/assistantTools.ts";

const root = join(import.meta.dirname, "../..");
const program = join(root, "server/src/cli.ts");

suite("the server of tools for assistants", () => {
  const client = new Client({ name: "test", version: "1" });
  let folder = "";
  let transport: StdioClientTransport;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "nginx-selinux-mcp-"));
    await cp(join(root, "sample"), join(folder, "site"), { recursive: true });
    await writeFile(join(folder, "secret.conf"), "a secret;\n");
    await symlink(join(folder, "secret.conf"), join(folder, "site", "link.conf"));
    const args = [program, "mcp", "--stdio", "--policy", "rhel9", join(folder, "site")];
    transport = new StdioClientTransport({ command: process.execPath, args, stderr: "pipe" });
    await client.connect(transport);
  });

  after(async () => {
    await client.close();
    await rm(folder, { recursive: true, force: true });
  });

  const call = async (name: string, input: Record<string, unknown>): Promise<{ text: string; isError: boolean }> => {
    const { content, isError } = await client.callTool({ name, arguments: input });
    const [first] = content;
    assert.ok(first?.type === "text");
    return { text: first.text, isError: isError === true };
  };

  test("says who it is, what it is for, and which tools it has, all of them read-only", async () => {
    assert.equal(client.getServerVersion()?.name, "nginx-selinux");
    assert.match(client.getInstructions() ?? "", /Never suggest setenforce 0/);
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name, inputSchema: { required } }) => [name, required]),
      assistantTools.map(({ name, inputSchema: { required } }) => [name, required]),
    );
    for (const { annotations } of tools)
      assert.deepEqual([annotations?.readOnlyHint, annotations?.destructiveHint], [true, false]);
  });

  test("checks, explains and plans, also when all is asked at once", async () => {
    const [checked, explained, planned] = await Promise.all([
      call(checkTool, { file: "nginx/nginx.conf" }),
      call(explainTool, { about: "tcp/3000" }),
      call(planTool, { file: join(folder, "site/nginx/nginx.conf"), format: "cil" }),
    ]);
    assert.match(checked.text, /^nginx\/conf\.d\/upstreams\.conf:4:12: error: tcp port 3000/m);
    assert.match(explained.text, /sudo semanage port -a -t http_port_t -p tcp 3000/);
    assert.match(planned.text, /^\(allow httpd_t /m);
  });

  test("reads nothing outside of its directory, and goes on after a refusal and a mistake", async () => {
    for (const file of [join(folder, "secret.conf"), "../secret.conf", "link.conf"]) {
      const { text, isError } = await call(checkTool, { file });
      assert.ok(isError);
      assert.match(text, /is outside of the workspace/);
      assert.doesNotMatch(text, /a secret/);
    }
    assert.match((await call("setenforce", { mode: "0" })).text, /no tool "setenforce"/);
    assert.equal((await call(explainTool, { about: "tcp/443" })).isError, false);
  });

  test("refuses a project file that names a root outside", async () => {
    const file = join(folder, "site", ".nginx-selinux.json");
    await writeFile(file, JSON.stringify({ root: "/" }));
    const { text, isError } = await call(checkTool, { file: "nginx/nginx.conf" });
    await rm(file);
    assert.ok(isError);
    assert.match(text, /names .*which is outside of the workspace/);
  });

  test("ends when its standard input does", async () => {
    const { pid } = transport;
    assert.ok(pid !== null);
    await client.close();
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
  });
});
