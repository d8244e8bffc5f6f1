import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as check, asyncProperty, constantFrom } from "fast-check";
import { collectAccesses } from "../../../server/src/nginx/collectAccesses.ts";
import { loadConfiguration, loadFragment } from "../../../server/src/nginx/load/loadConfiguration.ts";
import { analyzeHttp, analyzeMain, connects } from "../../support/accesses.ts";
import { memoryReader } from "../../support/memoryReader.ts";

/** Pieces from which configurations of every kind of nonsense are made. */
const piece = constantFrom(
  ..."http,stream,mail,events,server,upstream,location,if,limit_except,listen,proxy_pass,fastcgi_pass,grpc_pass,memcached_pass,tunnel_pass,set,map,geo,split_clients,include,resolver,zone,proxy_bind,balancer_by_lua_block".split(
    ",",
  ),
  ..."b,$b,${b},$1,/,~,@n,~^/(/.*)$,80,443,udp,quic,ssl,127.0.0.1,127.0.0.1:3000,[::1]:80,unix:/x,http://b,http://$b,https://127.0.0.1:1/x,http://127.0.0.1:3000$1,app,nginx.conf,*.conf,{{ x }},${PORT},default,backup,down,resolve,service=x".split(
    ",",
  ),
  ...` |;|;\n| {\n| {|}\n|}|"|'|\\|#|\uFFFE|\uFFFF|\0`.split("|"),
);
const text = array(piece, { maxLength: 60 }).map((pieces) => pieces.join(" "));

test("any text, as a main file and alone, gives accesses whose places lie in it", async () => {
  await check(
    asyncProperty(text, text, async (main, other) => {
      const reader = memoryReader({ "/etc/nginx/nginx.conf": main, "/etc/nginx/a.conf": other });
      for (const configuration of [
        await loadConfiguration("/etc/nginx/nginx.conf", reader),
        await loadFragment("/etc/nginx/a.conf", reader),
      ]) {
        const { accesses, problems } = collectAccesses(configuration);
        for (const { file, span } of [...accesses, ...problems, ...configuration.problems, ...configuration.notes]) {
          const size = configuration.files[file]?.tree.bytes.length ?? -1;
          assert.ok(span.start >= 0 && span.start <= span.end && span.end <= size);
        }
        for (const access of accesses) assert.equal(access.reason === undefined, access.certainty === "certain");
      }
    }),
    { numRuns: 500 },
  );
});

test("many passes of unknown hosts beside many upstreams stay linear", async () => {
  const many = 20_000;
  const upstreams = Array.from({ length: many }, (_, i) => `upstream u${i} { server 127.0.0.1:${1 + i}; }`).join("\n");
  const passes = Array.from({ length: many }, (_, i) => `location /${i} { proxy_pass http://$arg_x; }`).join("\n");
  const result = await analyzeHttp(`${upstreams}\nserver { listen 80; ${passes} }`);
  assert.equal(connects(result).length, 2 * many);
});

test("directives that lack the arguments which their handlers read do no harm", async () => {
  for (const text of [
    "events {} http { server { rewrite ^ ; } }",
    "events {} stream { server { listen 1; fastcgi_bind; proxy_bind; } }",
    "events {} http { server { set $a; set {{ a }}; rewrite {{ a }}; try_files; deny; location / { set; } } }",
  ]) {
    await assert.doesNotReject(analyzeMain(text), text);
  }
});
