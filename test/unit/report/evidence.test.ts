import assert from "node:assert/strict";
import { test } from "node:test";
import { mergedEvidence } from "../../../server/src/report/evidence.ts";
import { reportText } from "../../support/reportText.ts";

test("sentences that differ in their permission alone are one, where the first stood", () => {
  const tail = "default_t, and no boolean changes that";
  assert.deepEqual(
    mergedEvidence([
      "/data has the default label default_t",
      `httpd_t may not write directories of type ${tail}`,
      `httpd_t may not create ${tail}`,
      `httpd_t may not add_name directories of type ${tail}`,
      `httpd_t may not open ${tail}`,
      `httpd_t may not create ${tail}`,
      `httpd_t may not rename ${tail}`,
      "httpd_t may getattr default_t",
    ]),
    [
      "/data has the default label default_t",
      `httpd_t may not write or add_name directories of type ${tail}`,
      `httpd_t may not create, open or rename ${tail}`,
      "httpd_t may getattr default_t",
    ],
  );
});

test("--verbose has no lines alike in the evidence of a temporary directory", async () => {
  const text = "events {}\nhttp { client_body_temp_path /data/tmp; }\n";
  const report = await reportText(new Map([["nginx.conf", text]]), { verbose: true });
  const alike = report.text.match(/^ {4}why {2}httpd_t may not/gmu) ?? [];
  assert.equal(alike.length, 2, report.text);
  assert.match(report.text, /httpd_t may not create, open, .* or unlink default_t, and/u);
});
