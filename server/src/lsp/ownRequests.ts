/** The requests of our own client, beside those of LSP. */
import { LSPErrorCodes, ResponseError, type CancellationToken } from "vscode-languageserver";
import { answerTool } from "../assistant/answer.ts";
import type { Host } from "../host/host.ts";
import { looksLikeNginx } from "../nginx/load/recognise.ts";
import {
  explainLogRequest,
  explainRequest,
  fixCommandsRequest,
  moduleRequest,
  planFormats,
  planRequest,
  recogniseRequest,
  refreshRequest,
  reportRequest,
  silenceRequest,
  snapshotRequest,
  toolRequest,
  verifyRequest,
} from "../shared/protocol.ts";
import {
  readExplainLogParams,
  readExplainParams,
  readFixParams,
  readPlanParams,
  readReportParams,
  readSilenceParams,
  readSnapshotUri,
  readToolParams,
  readVerifyParams,
} from "./parameters.ts";
import type { Serving } from "./serving.ts";

/** Requests about the host, the policy, a log, and one finding. */
export function answerOwnRequests(serving: Serving, host: Host): void {
  const { connection, service, answer } = serving;
  connection.onRequest(refreshRequest, async () => {
    await serving.refresh();
    return null;
  });
  connection.onRequest(snapshotRequest, async (value: unknown) => {
    const uri = readSnapshotUri(value);
    if (uri === undefined) throw invalid("snapshot needs uri, a document's or null");
    await serving.configured();
    return service.snapshot(uri).catch((error: unknown) => {
      throw new ResponseError(LSPErrorCodes.RequestFailed, error instanceof Error ? error.message : String(error));
    });
  });
  connection.onRequest(explainRequest, (value: unknown, token: CancellationToken) => {
    const params = readExplainParams(value);
    if (params === undefined) throw invalid("explain needs uri, rule, key, line and character");
    return answer(params.uri, token, null, (cancellation) => service.explain(params, cancellation));
  });
  connection.onRequest(recogniseRequest, (value: unknown) => {
    const params = readExplainLogParams(value);
    if (params === undefined) throw invalid("recognise needs text");
    return looksLikeNginx(new TextEncoder().encode(params.text));
  });
  connection.onRequest(explainLogRequest, (value: unknown, token: CancellationToken) => {
    const params = readExplainLogParams(value);
    if (params === undefined) throw invalid("explainLog needs text");
    return answer("", token, null, (cancellation) => service.explainLog(params, cancellation));
  });
  connection.onRequest(verifyRequest, (value: unknown, token: CancellationToken) => {
    const params = readVerifyParams(value);
    if (params === undefined) throw invalid("verify needs uri, and since: milliseconds or null");
    return answer(params.uri, token, null, (cancellation) => service.verify(params, cancellation));
  });
  connection.onRequest(toolRequest, (value: unknown, token: CancellationToken) => {
    const params = readToolParams(value);
    if (params === undefined) throw invalid("tool needs name and input");
    const { name, input } = params;
    const place = { host, service, folders: serving.folders() };
    const failed = { text: "This failed; the log of the language server says why.", isError: true };
    return answer("", token, failed, (cancellation) => answerTool(name, input, place, cancellation));
  });
}

/** Requests for the fixes that our client's commands carry out. */
export function answerFixRequests({ connection, service, answer }: Serving): void {
  connection.onRequest(fixCommandsRequest, (value: unknown, token: CancellationToken) => {
    const params = readFixParams(value);
    if (params === undefined) throw invalid("fixCommands needs uri, rule, key, line, character and fix");
    return answer(params.uri, token, null, (cancellation) => service.fixCommands(params, cancellation));
  });
  connection.onRequest(moduleRequest, (value: unknown, token: CancellationToken) => {
    const params = readFixParams(value);
    if (params === undefined) throw invalid("module needs uri, rule, key, line, character and fix");
    return answer(params.uri, token, null, (cancellation) => service.module(params, cancellation));
  });
  connection.onRequest(silenceRequest, (value: unknown, token: CancellationToken) => {
    const params = readSilenceParams(value);
    if (params === undefined) throw invalid("silence needs uri, rule, key, line, character, silence and reason");
    return answer(params.uri, token, null, (cancellation) => service.silence(params, cancellation));
  });
  connection.onRequest(reportRequest, (value: unknown, token: CancellationToken) => {
    const params = readReportParams(value);
    if (params === undefined) throw invalid("report needs uri and version");
    return answer(params.uri, token, null, (cancellation) => service.report(params, cancellation));
  });
  connection.onRequest(planRequest, (value: unknown, token: CancellationToken) => {
    const params = readPlanParams(value);
    if (params === undefined) throw invalid(`plan needs uri, and format: ${planFormats.join(", ")}`);
    return answer(params.uri, token, null, (cancellation) => service.plan(params, cancellation));
  });
}

/** JSON-RPC's error for parameters that a request does not take. */
function invalid(message: string): ResponseError {
  return new ResponseError(-32602, message);
}
