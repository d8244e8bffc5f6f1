/** Directives of other modules that connect. A new one is a row here; one that only names a path, in `fileDirectives.ts`. */
import type { Schemes } from "../services.ts";
import { httpSchemes, urlConnection } from "../services.ts";
import type { Handler } from "./handler.ts";
import { foreign, foreignBlock } from "./handler.ts";

/** Connects to the URL, or address, in an argument. */
const connecting =
  (schemes: Schemes, otherPort = 0, word = 1): Handler =>
  ({ found }, statement) => {
    found.service(urlConnection(statement, { word, from: 0 }, schemes, otherPort));
  };

/** Blocks of modules hold directives that are read nowhere else. */
const here: readonly [] = [];

export const moduleDirectives = [
  // nginx-otel: OTLP over gRPC, of which 443 is the port of an address without one.
  foreignBlock(["http"], "0", "otel_exporter", [foreign(here, "1", "endpoint", connecting(httpSchemes, 443))]),
];
