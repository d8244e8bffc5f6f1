/** Changed compose files, Dockerfiles and quadlets. */
import { composeMounts, extendedFiles } from "../../../server/src/containers/compose.ts";
import { lineThatCopies } from "../../../server/src/containers/dockerfile.ts";
import { instructionsOf } from "../../../server/src/containers/dockerInstructions.ts";
import { quadletMounts } from "../../../server/src/containers/quadlet.ts";
import { mutatedText } from "../mutated.ts";
import type { Random } from "../random.ts";
import type { Failure, FuzzTarget } from "../target.ts";

/** Texts of a round. */
const COUNT = 5000;

const texts = [
  "services:\n  web:\n    image: nginx:1.27\n    volumes:\n      - ./conf:/etc/nginx:ro,z\n      - type: bind\n        source: ./www\n        target: /srv\n    extends: { file: other.yml, service: base }\n",
  "x: &a\n  volumes: [ './a:/b' ]\nservices:\n  one:\n    <<: *a\n    image: nginx\n  two: *a\n",
  'ARG V=1\nFROM nginx:${V} AS base\nWORKDIR /etc/nginx\nCOPY --chown=1:1 conf/ ./\nADD ["a b", "/c"]\nRUN <<EOF\necho hi\nEOF\nFROM base\nCOPY --from=base /x /y\n',
  "[Container]\nImage=docker.io/library/nginx\nVolume=./conf:/etc/nginx:Z\nMount=type=bind,source=/srv,target=/srv\n",
] as const;

const pieces = [
  "\n",
  ..."${ ${A:-b} } $ \\ \" ' [ ] { } : - & * << | > ! # \0 é FROM COPY ADD --from= EOF <<EOF [Container] volumes: &a *a".split(
    " ",
  ),
  "  ",
  "\t",
  "*a ".repeat(30),
  "services:",
] as const;

function* round(random: Random): Generator<Failure, number> {
  for (let i = 0; i < COUNT; i++) {
    const text = mutatedText(random.pick(texts), [pieces[0], ...pieces.slice(1)], random);
    try {
      composeMounts(text);
      extendedFiles(text, "/p/compose.yml");
      quadletMounts(text);
      for (const instruction of instructionsOf(text)) if (instruction === null) throw new Error("no instruction");
      lineThatCopies(text, { file: "/p/conf/nginx.conf", contexts: ["/p"], isBeside: () => false });
    } catch (error) {
      yield { input: JSON.stringify(text), error };
    }
  }
  return COUNT;
}

/** 5,000 changed texts a round. */
export const containers: FuzzTarget = { name: "containers", round };
