import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { lineThatCopies } from "../../../server/src/containers/dockerfile.ts";

/** The configuration is /repo/nginx/nginx.conf, the Dockerfile is in `directory`, where `beside` lies. */
function ask(
  text: string,
  directory = "/repo",
  beside: readonly string[] = ["nginx"],
  file = "/repo/nginx/nginx.conf",
) {
  const contexts = [directory];
  for (let at = directory.lastIndexOf("/"); at > 0; at = directory.lastIndexOf("/", at - 1))
    contexts.push(directory.slice(0, at));
  return lineThatCopies(text, { file, contexts, isBeside: (name) => beside.includes(name) });
}

type Case = readonly [name: string, text: string, line: number];

const signs: readonly Case[] = [
  ["the file to the usual place", "FROM nginx\nCOPY nginx/nginx.conf /etc/nginx/nginx.conf\n", 2],
  ["with a dot in front", "FROM nginx\nCOPY ./nginx/nginx.conf /etc/nginx/\n", 2],
  ["with a slash in front, which is the context's root", "FROM nginx\nCOPY /nginx/nginx.conf /etc/nginx/\n", 2],
  ["the file into a directory without a slash", "FROM debian\nCOPY nginx/nginx.conf /etc/nginx\n", 2],
  ["under another name", "FROM nginx\nCOPY nginx/nginx.conf /etc/nginx/conf.d/default.conf\n", 2],
  ["by ADD", "FROM debian\nADD nginx/nginx.conf /usr/local/nginx/conf/nginx.conf\n", 2],
  ["in lower case, behind comments", "# a\nfrom nginx\n# b\ncopy nginx/nginx.conf /etc/nginx/\n", 4],
  ["as a JSON array", 'FROM nginx\nCOPY ["nginx/nginx.conf", "/etc/nginx/"]\n', 2],
  ["as a JSON array behind a flag", 'FROM nginx\nCOPY --chown=nginx:nginx ["nginx/nginx.conf","/etc/nginx/"]\n', 2],
  ["with flags", "FROM nginx\nCOPY --link --chmod=0644 --chown=101 nginx/nginx.conf /etc/nginx/\n", 2],
  ["quoted", "FROM nginx\nCOPY \"nginx/nginx.conf\" '/etc/nginx/'\n", 2],
  ["among other sources", "FROM nginx\nCOPY mime.types nginx/nginx.conf README /etc/nginx/\n", 2],
  ["over several lines", "FROM nginx\nCOPY \\\n  mime.types \\\n# no\n\n  nginx/nginx.conf \\\n  /etc/nginx/\n", 2],
  ["with the escape of Windows", "# escape=`\nFROM nginx\nCOPY nginx/nginx.conf `\n /etc/nginx/\n", 3],
  ["with CR LF", "FROM nginx\r\nCOPY nginx/nginx.conf \\\r\n /etc/nginx/\r\n", 2],
  ["the directory that holds it", "FROM debian\nCOPY nginx /etc/nginx\n", 2],
  ["the directory, with a slash", "FROM debian\nCOPY nginx/ /opt/openresty/nginx/conf/\n", 2],
  ["by a wildcard", "FROM nginx\nCOPY nginx/*.conf /etc/nginx/\n", 2],
  ["by a wildcard for the directory", "FROM debian\nCOPY ngin? /etc/nginx/\n", 2],
  ["relative to WORKDIR", "FROM nginx\nWORKDIR /etc\nWORKDIR nginx\nCOPY nginx/nginx.conf .\n", 4],
  ["through variables", "ARG BASE=nginx\nFROM $BASE\nENV D=/etc/nginx F=nginx\nCOPY ${F}/nginx.conf $D/\n", 4],
  ["through a default of a variable", "FROM nginx\nCOPY ${DIR:-nginx}/nginx.conf /etc/nginx/\n", 2],
  [
    "through a variable inside of the name",
    "FROM nginx\nARG WHICH\nCOPY nginx/ng${WHICH}.conf /etc/nginx/nginx.conf\n",
    3,
  ],
  ["to a place that only the image explains", "FROM nginx:1.27-alpine\nCOPY nginx/nginx.conf /conf/site.conf\n", 2],
  ["to an image of another registry", "FROM reg.example.com:5000/team/nginx:1\nCOPY nginx/nginx.conf /conf/\n", 2],
  ["to an image of a product", "FROM registry.access.redhat.com/ubi9/nginx-124\nCOPY nginx/nginx.conf /tmp/src/\n", 2],
  ["to an image where the tag says so", "FROM php:8-fpm-nginx\nCOPY nginx/nginx.conf /conf/\n", 2],
  ["to the places of s2i", "FROM ubi9\nCOPY nginx/nginx.conf /opt/app-root/etc/nginx.default.d/\n", 2],
  ["in an image that installs it", "FROM alpine\nCOPY nginx/nginx.conf /conf/\nRUN apk add --no-cache nginx\n", 2],
  [
    "in an image that installs it among others",
    "FROM debian\nRUN apt-get update && apt-get install -y \\\n  curl nginx-extras && rm -rf x\nCOPY nginx/nginx.conf /c/\n",
    4,
  ],
  ["in an image that starts it", 'FROM x\nCOPY nginx/nginx.conf /c/\nCMD ["nginx", "-c", "/c/nginx.conf"]\n', 2],
  ["in an image that starts it by a shell", "FROM x\nCOPY nginx /c\nENTRYPOINT service a; exec /usr/sbin/nginx\n", 2],
  [
    "with a whole project, and nginx is started with its file",
    'FROM php-nginx\nWORKDIR /app\nCOPY . .\nCMD ["nginx", "-c", "/app/nginx/nginx.conf"]\n',
    4,
  ],
  [
    "with a whole project for a builder of s2i",
    "FROM ubi9/nginx-124\nADD . /tmp/src\nRUN /usr/libexec/s2i/assemble\n",
    2,
  ],
  ["with a part of a project that only the image explains", "FROM nginx\nCOPY nginx /conf\n", 2],
  ["in a later stage", "FROM node AS b\nCOPY . .\nFROM nginx\nCOPY nginx/nginx.conf /etc/nginx/\n", 4],
  ["in a stage made from a stage", "FROM nginx AS base\nFROM base\nCOPY nginx/nginx.conf /conf/\n", 3],
  [
    "from a stage that has it",
    "FROM node AS Build\nWORKDIR /app\nCOPY . .\nFROM alpine\nCOPY --from=build /app/nginx/nginx.conf /etc/nginx/nginx.conf\n",
    5,
  ],
  ["from a stage by its number", "FROM node\nCOPY . /app\nFROM x\nCOPY --from=0 /app/nginx /etc/nginx\n", 4],
  ["by cp", "FROM debian\nWORKDIR /app\nCOPY . .\nRUN ls && sudo cp -f nginx/nginx.conf /etc/nginx/ ; ls\n", 4],
  ["by ln", "FROM x\nCOPY nginx/nginx.conf /a/\nRUN ln -s /a/nginx.conf /etc/nginx/nginx.conf\n", 3],
  ["a tree that is laid out like /", "FROM debian\nCOPY . /\nRUN true\n", 2],
  [
    "behind a here-document",
    "FROM nginx\nCOPY <<EOF /usr/share/nginx/html/index.html\nFROM node\nEOF\nCOPY nginx/nginx.conf /conf/\n",
    5,
  ],
];

suite("a Dockerfile is a sign where it copies the configuration to nginx's place:", () => {
  for (const [name, text, line] of signs) {
    test(name, () => {
      const [beside, file] = name.startsWith("a tree")
        ? [["etc"], "/repo/etc/nginx/nginx.conf"]
        : [["nginx"], undefined];
      assert.equal(ask(text, "/repo", beside, file), line);
    });
  }
});

const noSigns: readonly (readonly [name: string, text: string])[] = [
  ["the application alone", "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nCMD node .\n"],
  ["the application in a directory that is called nginx", "FROM node\nCOPY app /srv/nginx/\n"],
  ["another configuration", "FROM nginx\nCOPY nginx/other.conf /etc/nginx/nginx.conf\n"],
  ["another directory", "FROM nginx\nCOPY docker/nginx.conf /etc/nginx/nginx.conf\n"],
  ["a name that only begins alike", "FROM nginx\nCOPY nginx/nginx.conf.orig nginx2 /etc/nginx/\n"],
  ["a site that holds it somewhere", "FROM nginx:alpine\nCOPY . /usr/share/nginx/html\n"],
  ["a site, to the working directory", "FROM nginx\nWORKDIR /usr/share/nginx/html\nCOPY . .\n"],
  [
    "a whole project to an image with nginx",
    "FROM webdevops/php-nginx:8.1\nCOPY . /app\nCOPY * /app/\nRUN chmod -R a+r /app\n",
  ],
  ["a site of Apache", "FROM httpd\nCOPY . /usr/local/apache2/htdocs/\n"],
  ["a PHP application", "FROM php:8-apache\nCOPY . /var/www/html\n"],
  [
    "what another stage has built",
    "FROM node AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\nFROM nginx:alpine\nCOPY --from=build /app/dist /usr/share/nginx/html\n",
  ],
  ["a file of the same name in another stage", "FROM a AS b\nFROM nginx\nCOPY --from=b nginx/nginx.conf /etc/nginx/\n"],
  ["a file of another image", "FROM nginx\nCOPY --from=nginx:1 /etc/nginx/nginx.conf /etc/nginx/nginx.conf\n"],
  ["a comment", "FROM nginx\n# COPY nginx/nginx.conf /etc/nginx/\n"],
  ["a here-document that looks like it", "FROM nginx\nRUN <<EOF\nCOPY nginx/nginx.conf /etc/nginx/\nEOF\n"],
  ["a here-document for the place", "FROM nginx\nCOPY <<EOF /etc/nginx/nginx.conf\nuser nginx;\nEOF\n"],
  ["an unknown source", "FROM nginx\nARG SOURCE\nCOPY ${SOURCE} /etc/nginx/\nCOPY nginx/$SOURCE /etc/nginx/\n"],
  ["a URL", "FROM nginx\nADD https://example.com/nginx/nginx.conf /etc/nginx/\n"],
  ["an exporter of its numbers", "FROM nginx/nginx-prometheus-exporter:1\nCOPY . /app\n"],
  ["a registry that is called nginx", "FROM nginx.example.com/node:20\nCOPY . /app\n"],
  ["no source", "FROM nginx\nCOPY /etc/nginx/\nCOPY\nCOPY --from=\nADD []\nCOPY [1]\nCOPY [\n"],
  ["an image without nginx, to a place of its own", "FROM python\nCOPY nginx/nginx.conf /app/nginx.conf\n"],
  ["nothing", ""],
];

suite("a Dockerfile is no sign where it copies", () => {
  for (const [name, text] of noSigns) test(name, () => assert.equal(ask(text), null));
});

test("a source may be the name from a directory above that of the Dockerfile, from which it is then built", () => {
  const file = "/repo/docker/nginx.conf";
  const copy = (source: string): string => `FROM nginx\nCOPY ${source} /etc/nginx/\n`;
  assert.equal(ask(copy("docker/nginx.conf"), "/repo/docker", ["nginx.conf"], file), 2);
  assert.equal(ask(copy("nginx.conf"), "/repo/docker", ["nginx.conf"], file), 2);
  assert.equal(ask(copy("repo/docker/"), "/repo/docker", ["nginx.conf"], file), null, "the root is no context");
});

test("a source that lies beside the Dockerfile is none of a directory above", () => {
  const file = "/repo/nginx.conf";
  const copy = "FROM nginx\nCOPY nginx.conf /etc/nginx/\n";
  assert.equal(ask(copy, "/repo/docker", ["nginx.conf"], file), null);
  assert.equal(ask(copy, "/repo/docker", ["Dockerfile"], file), 2);
  assert.equal(ask("FROM nginx\nCOPY . /etc/nginx/\n", "/repo/docker", [], file), null);
});

test("files of any content are read to their end", () => {
  const junk = [
    "COPY ",
    "FROM a AS ",
    "RUN <<E ",
    "${",
    "$",
    "\\\n",
    '"',
    "[",
    "nginx",
    "/",
    "*",
    "--from=",
    "\0",
    "\n",
  ];
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: next() % 40 }, () => junk[next() % junk.length]).join("");
    assert.doesNotThrow(() => ask(text), JSON.stringify(text));
  }
});

// --- Here-documents, mounts, triggers, exclusions -----------------------------------------------------------------

const COPY = "COPY nginx/nginx.conf /etc/nginx/\n";

const moreSigns: readonly Case[] = [
  [
    "behind a here-document with dashes in its name",
    `FROM nginx\nRUN cat <<'END-OF-IT' > /x\n${COPY}END-OF-IT\n${COPY}`,
    5,
  ],
  ["behind one with a quoted name of several words", `FROM nginx\nRUN cat <<"THE END"\n${COPY}THE END\n${COPY}`, 5],
  ["behind one for a file descriptor", `FROM nginx\nRUN cat 3<<EOF <&3\n${COPY}EOF\n${COPY}`, 5],
  ["behind one with tabs", `FROM nginx\nRUN cat <<-EOF\n\t${COPY}\tEOF\n${COPY}`, 5],
  ["behind two of them", `FROM nginx\nCOPY <<A <<B /x/\n${COPY}A\n${COPY}B\n${COPY}`, 7],
  ["behind quotes that only look like one", `FROM nginx\nRUN echo "use: x <<EOF" > /usage\n${COPY}`, 3],
  ["behind a here-string", `FROM nginx\nRUN cat <<<EOF\n${COPY}`, 3],
  ["in a script", "FROM debian\nCOPY nginx/nginx.conf /a/\nRUN <<EOF\nset -e\ncp /a/nginx.conf /etc/nginx/\nEOF\n", 3],
  ["in a script of a shell", "FROM x\nCOPY nginx /a\nRUN bash -e <<EOF\nmv /a/nginx.conf /etc/nginx/\nEOF\n", 3],
  [
    "from a mount of the context",
    "FROM debian\nRUN --mount=type=bind,source=nginx,target=/mnt cp /mnt/nginx.conf /etc/nginx/\n",
    2,
  ],
  ["from a mount of everything", "FROM debian\nWORKDIR /w\nRUN --mount=target=. cp nginx/nginx.conf /etc/nginx/\n", 3],
  [
    "from a mount of a stage",
    "FROM x AS conf\nCOPY nginx /c\nFROM y\nRUN --mount=from=conf,src=/c,dst=/m install -m 644 /m/nginx.conf /etc/nginx/\n",
    4,
  ],
  ["by a stage for those that are made from it", `FROM x AS base\nONBUILD ${COPY}FROM base\n`, 2],
  ["with what is left out beside it", "FROM nginx\nCOPY --exclude=*.md --exclude=nginx/old . /etc/\n", 2],
  ["with its directories", "FROM debian\nCOPY --parents nginx/nginx.conf /etc/\n", 2],
];

suite("a Dockerfile is a sign where it copies the configuration", () => {
  for (const [name, text, line] of moreSigns) test(name, () => assert.equal(ask(text), line));
});

const noMoreSigns: readonly (readonly [name: string, text: string])[] = [
  ["within a here-document of a script for another program", `FROM nginx\nRUN python3 <<EOF\n${COPY}EOF\n`],
  ["for images that are made from it", `FROM nginx\nONBUILD ${COPY}`],
  ["but leaves it out", "FROM nginx\nCOPY --exclude=nginx.conf nginx /etc/nginx/\n"],
  ["but leaves it out by a wildcard", "FROM nginx\nCOPY --exclude=**/*.conf . /etc/\n"],
  ["but leaves its directory out", "FROM nginx\nCOPY --exclude=nginx . /etc/\n"],
  [
    "from a mount that is no file",
    "FROM debian\nRUN --mount=type=cache,target=/nginx cp /nginx/nginx.conf /etc/nginx/\n",
  ],
  [
    "in a command behind the one with the mount",
    "FROM debian\nRUN --mount=src=nginx,dst=/m true\nRUN cp /m/nginx.conf /etc/nginx/\n",
  ],
];

suite("a Dockerfile is no sign where it copies the configuration", () => {
  for (const [name, text] of noMoreSigns) test(name, () => assert.equal(ask(text), null));
});
