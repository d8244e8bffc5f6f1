/**
 * LSP messages: every request of the server with sound and unsound parameters. Each is answered; one with sound
 * parameters without an internal error; and afterwards the server answers as before.
 */
import { ErrorCodes, ResponseError } from "vscode-languageserver/node";
import * as protocol from "../../../server/src/shared/protocol.ts";
import type { LspPair } from "../../support/lspPair.ts";
import type { Random } from "../random.ts";
import { MAIN, onDisk, pulled, SITE, startSession } from "../session.ts";
import { since, slow, type Failure, type FuzzTarget } from "../target.ts";

/** Requests of a round. */
const COUNT = 300;

/** Requests about a place in a document. */
const requests = [
  ..."hover definition documentLink codeLens documentSymbol references documentHighlight prepareRename rename"
    .split(" ")
    .map((name) => `textDocument/${name}`),
  ..."foldingRange selectionRange completion inlayHint codeAction diagnostic"
    .split(" ")
    .map((name) => `textDocument/${name}`),
  "workspace/symbol",
] as const;

/** Requests of our own client: they read what they are given. */
const own = [
  protocol.refreshRequest,
  protocol.snapshotRequest,
  protocol.explainRequest,
  protocol.recogniseRequest,
  protocol.explainLogRequest,
  protocol.verifyRequest,
  protocol.reportRequest,
  protocol.fixCommandsRequest,
  protocol.moduleRequest,
  protocol.silenceRequest,
  protocol.toolRequest,
  protocol.planRequest,
] as const;

const strange = [
  ...[null, true, -1, 0.5, 1e308, "", "file://", "file:///%00%ff", "untitled:x", "é\n\u001b[31m", [], {}, [[[]]]],
  { uri: SITE },
  "a".repeat(5000),
  JSON.parse('{"__proto__": {"uri": "file:///etc/shadow"}}'),
] as const;

const uris = [
  SITE,
  MAIN,
  "file:///etc/nginx/none.conf",
  "untitled:Untitled-1",
  "file:///",
  "vscode-vfs://github/a/b.conf",
] as const;

function positionIn(random: Random): { readonly line: number; readonly character: number } {
  const far = random.below(8) === 0;
  return {
    line: far ? random.pick([2 ** 31 - 1, 1_000_000, 13]) : random.below(13),
    character: far ? random.pick([2 ** 31 - 1, 5000, 0]) : random.below(40),
  };
}

/** Parameters of the right form for any request about a document. */
function soundParameters(random: Random): Readonly<Record<string, unknown>> {
  const [start, end] = [positionIn(random), positionIn(random)];
  return {
    textDocument: { uri: random.pick(uris) },
    position: start,
    positions: [start, end],
    range: { start, end },
    context: { includeDeclaration: true, diagnostics: [], triggerKind: 1 },
    newName: random.pick(["b", "", "a b", '"', "é", "$x", "\n", "}", "a".repeat(3000)]),
    query: random.pick(["", "app", "\u001b"]),
  };
}

/** The same with one to three values, at any depth, that are something else. */
function unsound(value: unknown, random: Random): unknown {
  if (random.below(4) === 0 || typeof value !== "object" || value === null) return random.pick([null, ...strange]);
  const entries = Object.entries(value);
  const [first] = entries;
  if (first === undefined) return random.pick([null, ...strange]);
  const [key, member] = random.pick([first, ...entries]);
  const changed = random.below(4) === 0 ? undefined : unsound(member, random);
  if (Array.isArray(value)) return value.map((each: unknown, index) => (String(index) === key ? changed : each));
  return { ...value, [key]: changed };
}

/** Why the answer to a request is not as it should be; null where it is. */
async function whyWrong(pair: LspPair, method: string, parameters: unknown, sound: boolean): Promise<string | null> {
  try {
    await pair.client.sendRequest(method, parameters);
    return null;
  } catch (error) {
    if (!(error instanceof ResponseError)) return String(error);
    return sound && error.code === ErrorCodes.InternalError ? `internal error: ${error.message}` : null;
  }
}

async function* round(random: Random): AsyncGenerator<Failure, number> {
  const pair = await startSession();
  for (const uri of [SITE, MAIN]) await pair.open(uri, onDisk[uri] ?? "");
  const before = await pulled(pair, SITE);
  for (let i = 0; i < COUNT; i++) {
    const isOwn = random.below(3) === 0;
    const method = isOwn ? random.pick(own) : random.pick(["textDocument/hover", ...requests]);
    const sound = !isOwn && random.below(2) === 0;
    const given = soundParameters(random);
    const parameters = sound ? given : unsound(isOwn ? random.pick([given, ...strange]) : given, random);
    const input = JSON.stringify({ method, parameters });
    const began = process.cpuUsage();
    const wrong = await whyWrong(pair, method, parameters, sound);
    if (wrong !== null) yield { input, error: wrong };
    yield* slow(input, since(began));
  }
  const report = await pulled(pair, SITE);
  if (report !== before) yield { input: "all requests of the round", error: `${report}\n  is not\n${before}` };
  pair.dispose();
  return COUNT;
}

/** 300 requests a round, in one session. */
export const messages: FuzzTarget = { name: "messages", round };
