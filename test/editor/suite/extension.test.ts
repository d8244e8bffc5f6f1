import assert from "node:assert/strict";
import * as vscode from "vscode";

const extensionId = "nginx-selinux.nginx-selinux";

describe("the extension", () => {
  it("activates", async () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension);
    const started = performance.now();
    await extension.activate();
    console.log(`activation: ${(performance.now() - started).toFixed(1)} ms`);
    assert.equal(extension.isActive, true);
  });
});
