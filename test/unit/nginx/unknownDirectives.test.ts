/** Directives that nothing here knows, and those that run something else than nginx. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { analyzeFragment, analyzeHttp, analyzeMain } from "../../support/accesses.ts";
import type { Result } from "../../support/accesses.ts";

const NOT_KNOWN = "this directive is not known; it was not checked";

/** What was not checked: the text of each place. */
function unchecked({ accesses, files, configuration }: Result, reason = NOT_KNOWN): string[] {
  const decoder = new TextDecoder();
  return [...accesses, ...files]
    .filter((access) => access.unchecked === true && access.reason === reason && access.certainty === "unknown")
    .map(({ file, span }) => decoder.decode(configuration.files[file]?.tree.bytes.subarray(span.start, span.end)));
}

suite("a directive that is not known", () => {
  const cases: readonly (readonly [text: string, expected: string])[] = [
    ["vendor_address 127.0.0.1:5000;", "127.0.0.1:5000"],
    ["vendor_address [::1]:5000;", "[::1]:5000"],
    ["vendor_address localhost:5000/x;", "localhost:5000/x"],
    ["vendor_log on syslog:server=a unix:/run/x.sock;", "unix:/run/x.sock"],
    ["vendor_log server=logs.example:515;", "logs.example:515"],
    ["vendor_url mysql://db.example/a;", "mysql://db.example/a"],
    ["vendor_file on /etc/vendor/policy.json;", "/etc/vendor/policy.json"],
    ["vendor_monitor uri=http://serv:80/;", "http://serv:80/"],
    ["vendor_block a { b on; c /srv/data/x 127.0.0.1:80; d 10.0.0.1:1000; }", "/srv/data/x"],
  ];
  for (const [text, expected] of cases) {
    test(`${text} has one place: ${expected}`, async () => {
      assert.deepEqual(unchecked(await analyzeHttp(text)), [expected]);
    });
  }

  test("has none without an address, a URL or a path of a file system", async () => {
    const texts = [
      "vendor on; vendor_zone a:10m zone=cache:10; vendor_uri /api/x; vendor_time 10:30; vendor_regex ~^/etc;",
      "vendor { } vendor_unix unix:; vendor_url http://; vendor_pattern //a; vendor_placeholder '{{ a }}:80';",
      "more_set_headers 'Location: https://a.example'; echo http://a.example; brotli_types text/css;",
      "Vendor http://a.example; ... /etc/x; vendor_open http://a.example",
    ];
    for (const text of texts) assert.deepEqual(unchecked(await analyzeHttp(text)), [], text);
  });

  test("is not one that is known in another block, or that nginx has", async () => {
    const text = "endpoint 127.0.0.1:1; check port=127.0.0.1:1; worker_connections http://a.example;";
    assert.deepEqual(unchecked(await analyzeFragment(text)), []);
  });
});

test("programs, Passenger's processes and PAM are not nginx's doing, and each says so", async () => {
  const rtmp = await analyzeMain("rtmp { server { application a { exec ffmpeg -i x; } } }");
  assert.deepEqual(unchecked(rtmp, "nginx runs this program, and what the program does was not checked"), ["ffmpeg"]);
  const run = await analyzeMain("rtmp { server { application a { exec_publish /srv/bin/record.sh $name; } } }");
  assert.deepEqual(
    run.files.flatMap(({ use, path }) => (use === "program" ? [path] : [])),
    ["/srv/bin/record.sh"],
  );
  const http = await analyzeHttp(
    "passenger_ruby /opt/ruby; server { location / { auth_pam x; auth_pam_service_name nginx; } }",
  );
  const reasons = http.files.filter((access) => access.unchecked === true).map((access) => access.reason ?? "");
  assert.deepEqual(
    reasons.map((reason) => reason.split(" ")[0]),
    ["Passenger's", "PAM's"],
  );
});
