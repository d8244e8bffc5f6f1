import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultPid } from "../../../server/src/analysis/defaultPid.ts";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import { loadConfiguration } from "../../../server/src/nginx/load/loadConfiguration.ts";
import { memoryReader } from "../../support/memoryReader.ts";

async function pathsOf(files: Readonly<Record<string, string>>, main: string): Promise<readonly (string | null)[]> {
  const configuration = await loadConfiguration(main, memoryReader(files), {});
  return defaultPid(configuration, collectAccesses(configuration).accesses).map(({ path }) => path);
}

const main = "/etc/nginx/nginx.conf";

test("a configuration without a pid directive has the compiled-in pid file, at its first statement", async () => {
  assert.deepEqual(await pathsOf({ [main]: "events {}\n" }, main), ["/run/nginx.pid"]);
  const own = "/usr/local/nginx/conf/nginx.conf";
  assert.deepEqual(await pathsOf({ [own]: "events {}\n" }, own), ["/usr/local/nginx/logs/nginx.pid"]);
});

test("none where a directive names another, or may do so in what was not read", async () => {
  assert.deepEqual(await pathsOf({ [main]: "pid /run/web.pid;\nevents {}\n" }, main), []);
  const copy = "/srv/copy/etc/nginx/nginx.conf";
  assert.deepEqual(await pathsOf({ [copy]: "include /opt/x.conf;\nevents {}\n" }, copy), []);
});
