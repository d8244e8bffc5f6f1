/** All situations, by kind. */
import { files } from "./files.ts";
import { connections, listening } from "./ports.ts";
import { documents } from "./roots.ts";
import type { Kind } from "./situation.ts";
import { peers } from "./sockets.ts";

export const kinds: readonly Kind[] = [connections, listening, peers, documents, files];
