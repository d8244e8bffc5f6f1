import assert from "node:assert/strict";
import { test } from "node:test";
import { RuleMap } from "../../../server/src/selinux/ruleMap.ts";

test("a value is found by all four names of a rule, in their order", () => {
  const rules = new RuleMap<number>();
  rules.set("httpd_t", "var_t", "file", "open", 1);
  rules.set("httpd_t", "var_t", "file", "read", 2);
  rules.set("httpd_t", "var_t", "dir", "open", 3);
  rules.set("var_t", "httpd_t", "file", "open", 4);
  assert.equal(rules.get("httpd_t", "var_t", "file", "open"), 1);
  assert.equal(rules.get("httpd_t", "var_t", "file", "read"), 2);
  assert.equal(rules.get("httpd_t", "var_t", "dir", "open"), 3);
  assert.equal(rules.get("var_t", "httpd_t", "file", "open"), 4);
  assert.equal(rules.get("httpd_t", "var_t", "dir", "read"), undefined);
  assert.equal(rules.get("httpd_t", "etc_t", "file", "open"), undefined);
});

test("a later value takes the place of an earlier one", () => {
  const rules = new RuleMap<number>();
  rules.set("a", "b", "c", "d", 1);
  rules.set("a", "b", "c", "d", 2);
  assert.equal(rules.get("a", "b", "c", "d"), 2);
});
