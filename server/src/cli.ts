/**
 * Entry of the command line. Older Nodes cannot parse what is imported: they get a sentence, and exit code 2.
 * Nothing else is imported here before that is known.
 */
const oldestNode = 20;

/** Commands that go on until they are ended. */
const servers = ["lsp", "mcp"];

if (Number(process.versions.node.split(".")[0]) >= oldestNode) void start();
else {
  process.stderr.write(
    `nginx-selinux: it needs Node ${oldestNode} or newer, and this is Node ${process.versions.node}\n`,
  );
  process.exitCode = 2;
}

async function start(): Promise<void> {
  const { tuneForOneRun } = await import("./cli/oneRun.ts");
  const { compiledProgram } = await import("./cli/compiledProgram.ts");
  if (!servers.includes(process.argv[2] ?? "")) await tuneForOneRun();
  const { run } = compiledProgram(import.meta.dirname) ?? (await import("./cli/process.ts"));
  await run();
}
