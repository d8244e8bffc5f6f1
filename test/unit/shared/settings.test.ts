import assert from "node:assert/strict";
import { test } from "node:test";
import { resolvedPath } from "../../../server/src/host/hostNode.ts";
import { ruleInfos } from "../../../server/src/rules/index.ts";
import { releaseNames } from "../../../server/src/base/bundledReleases.ts";
import { settingsByFolder } from "../../../server/src/lsp/serverSettings.ts";
import {
  configurationSchema,
  defaultSettings,
  parseSettings,
  restrictedSettings,
} from "../../../server/src/shared/settings.ts";
import { withAbsolutePaths } from "../../../server/src/shared/settingPaths.ts";
import { pathOfUri } from "../../../server/src/base/uri.ts";

test("nothing gives the defaults without a complaint", () => {
  for (const value of [undefined, null, {}])
    assert.deepEqual(parseSettings(value), { settings: defaultSettings, problems: [] });
});

test("every value of the wrong type falls back to its default and is named", () => {
  const { settings, problems } = parseSettings({
    policy: 9,
    mainFile: {},
    root: [],
    severity: { "connect-port": "fatal", "listen-port": "off" },
    booleans: { a: "on", b: false },
    maxFileSizeMB: "1",
    maxTotalSizeMB: 0,
    container: true,
  });
  assert.deepEqual(settings, {
    ...defaultSettings,
    severity: new Map([["listen-port", "off"]]),
    booleans: new Map([["b", false]]),
  });
  assert.equal(problems.length, 8);
});

test("a hostile object has no say beyond its own values", () => {
  const { settings } = parseSettings(JSON.parse('{"__proto__": {"policy": "/evil"}, "constructor": 1}'));
  assert.equal(settings.policy, "auto");
});

test("the schema's defaults are the defaults, and its rules are all rules", () => {
  const { properties } = configurationSchema(ruleInfos);
  for (const [name, schema] of Object.entries(properties)) {
    const { settings, problems } = parseSettings({ [name.replace("nginxSelinux.", "")]: schema["default"] });
    assert.deepEqual(problems, [], name);
    assert.deepEqual(settings, defaultSettings, name);
  }
  const rules: unknown = properties["nginxSelinux.severity"]?.["properties"];
  assert.deepEqual(
    Object.keys(Object(rules)),
    ruleInfos.map((info) => info.id),
  );
});

test("every setting that takes a path is restricted in an untrusted workspace", () => {
  const { properties } = configurationSchema(ruleInfos);
  for (const name of restrictedSettings) assert.ok(name in properties, name);
});

test("the innermost folder decides, relative paths start at it, and the rest gets the settings without a folder", () => {
  const { settingsFor } = settingsByFolder([
    { folder: null, value: { policy: "rhel8" } },
    { folder: "/a", value: { policy: "policy.json", mainFile: "${workspaceFolder}/etc/nginx.conf" } },
    { folder: "/a/b", value: { policy: "fedora", root: "./root/" } },
  ]);
  assert.equal(settingsFor("/x/y").policy, "rhel8");
  assert.equal(settingsFor("/a/x").policy, "/a/policy.json");
  assert.equal(settingsFor("/a/x").mainFile, "/a/etc/nginx.conf");
  assert.equal(settingsFor("/a/b/c").policy, "fedora");
  assert.equal(settingsFor("/a/b/c").root, "/a/b/root");
  assert.equal(settingsFor("/ab/c").policy, "rhel8");
});

test("the name of a release is no path in a folder, dot or not", () => {
  for (const policy of ["auto", "live", ...releaseNames])
    assert.equal(settingsByFolder([{ folder: "/a", value: { policy } }]).settingsFor("/a/x").policy, policy);
});

test("paths of settings are those of the documents, on Windows too", () => {
  const paths = (policy: string, root: string, mainFile: string) => {
    const settings = withAbsolutePaths({ ...defaultSettings, policy, root, mainFile }, "/c:/Site");
    return [settings.policy, settings.root, settings.mainFile];
  };
  const document = pathOfUri("file:///C%3A/Site/nginx.conf");
  assert.deepEqual(paths("rhel9", "D:\\copy\\", "C:\\Site\\nginx.conf"), ["rhel9", "/d:/copy", document]);
  assert.deepEqual(paths(".\\hosts\\web1.json", "/C:/copy", "nginx.conf"), [
    "/c:/Site/hosts/web1.json",
    "/c:/copy",
    document,
  ]);
  assert.deepEqual(paths("auto", "\\\\server\\share", "").slice(0, 2), ["auto", "//server/share"]);
});

test("paths of the command line are the engine's, on Windows too", () => {
  const written = ["nginx.conf", ".\\sites\\a.conf", "D:\\copy\\", "C:/Site/a.conf", "\\\\server\\share\\a.conf"];
  assert.deepEqual(
    written.map((path) => resolvedPath("/c:/Site", path, true)),
    ["/c:/Site/nginx.conf", "/c:/Site/sites/a.conf", "/d:/copy", "/c:/Site/a.conf", "//server/share/a.conf"],
  );
  assert.equal(resolvedPath("/srv", "a\\b", false), "/srv/a\\b");
  assert.equal(resolvedPath("/c:", "a", true), "/c:/a");
});

test("no workspace lifts a limit of the machine", () => {
  const { properties } = configurationSchema(ruleInfos);
  for (const name of ["nginxSelinux.maxFileSizeMB", "nginxSelinux.maxTotalSizeMB"]) {
    assert.equal(properties[name]?.["scope"], "machine");
    assert.ok(restrictedSettings.includes(name));
  }
});
