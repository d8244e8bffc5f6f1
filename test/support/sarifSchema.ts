/**
 * The parts of SARIF 2.1.0 that the reports use, as the OASIS schema has them: which properties an object may have and must
 * have, and their kinds. Written from the standard; what is not here may not be used.
 */

type Kind = "string" | "boolean" | "integer" | "uri" | "object" | readonly string[] | Shape | { readonly list: Kind };
interface Shape {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, Kind>>;
}

const message: Shape = { required: ["text"], properties: { text: "string", markdown: "string" } };
const level: Kind = ["none", "note", "warning", "error"];
const region: Shape = {
  required: [],
  properties: { startLine: "integer", startColumn: "integer", endLine: "integer", endColumn: "integer" },
};
const physicalLocation: Shape = {
  required: ["artifactLocation"],
  properties: {
    artifactLocation: { required: ["uri"], properties: { uri: "uri", uriBaseId: "string" } },
    region,
  },
};
const location: Shape = {
  required: ["physicalLocation"],
  properties: { id: "integer", physicalLocation, message },
};
const rule: Shape = {
  required: ["id"],
  properties: {
    id: "string",
    name: "string",
    shortDescription: message,
    fullDescription: message,
    help: message,
    helpUri: "uri",
    defaultConfiguration: { required: [], properties: { level } },
    properties: "object",
  },
};
const result: Shape = {
  required: ["message"],
  properties: {
    ruleId: "string",
    ruleIndex: "integer",
    level,
    message,
    locations: { list: location },
    relatedLocations: { list: location },
    partialFingerprints: "object",
    suppressions: {
      list: {
        required: ["kind"],
        properties: { kind: ["inSource", "external"], justification: "string", status: ["accepted", "rejected"] },
      },
    },
  },
};
const log: Shape = {
  required: ["version", "runs"],
  properties: {
    $schema: "uri",
    version: ["2.1.0"],
    runs: {
      list: {
        required: ["tool"],
        properties: {
          tool: {
            required: ["driver"],
            properties: {
              driver: {
                required: ["name"],
                properties: { name: "string", version: "string", informationUri: "uri", rules: { list: rule } },
              },
            },
          },
          automationDetails: { required: [], properties: { id: "string" } },
          columnKind: ["utf16CodeUnits", "unicodeCodePoints"],
          results: { list: result },
          invocations: {
            list: {
              required: ["executionSuccessful"],
              properties: {
                executionSuccessful: "boolean",
                toolExecutionNotifications: { list: { required: ["message"], properties: { message, level } } },
              },
            },
          },
        },
      },
    },
  },
};

/** What GitHub takes ("SARIF support for code scanning"): a sentence for each excess. */
function excesses(value: unknown): readonly string[] {
  const text = JSON.stringify(value);
  const said: string[] = [];
  for (const [, run] of Object.entries(record(record(value)["runs"]))) {
    const { results, tool } = record(run);
    const { rules } = record(record(tool)["driver"]);
    if (Object.keys(record(results)).length > 25_000) said.push("more than 25,000 results");
    for (const [, each] of Object.entries(record(rules))) {
      if (String(record(each)["id"]).length > 255) said.push("a rule's id has more than 255 characters");
      for (const name of ["shortDescription", "fullDescription"])
        if (String(record(record(each)[name])["text"]).length > 1024) said.push(`${name} has over 1024 characters`);
      const { tags } = record(record(each)["properties"]);
      if (Object.keys(record(tags)).length > 20) said.push("a rule has more than 20 tags");
    }
  }
  if (text.length > 10 * 2 ** 30) said.push("too large");
  return said;
}

/** What is wrong with a log; empty where it is valid. */
export function sarifMistakes(value: unknown): readonly string[] {
  return [...mistakes(value, log, "log"), ...excesses(value)];
}

function mistakes(value: unknown, kind: Kind, at: string): readonly string[] {
  if (typeof kind === "string") return isOf(value, kind) ? [] : [`${at} is no ${kind}: ${JSON.stringify(value)}`];
  if (isWords(kind)) return kind.some((word) => word === value) ? [] : [`${at} is not one of ${kind.join(", ")}`];
  if ("list" in kind) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((each: unknown, i) => mistakes(each, kind.list, `${at}[${i}]`));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
  const fields = Object.entries(value);
  const known = new Map(Object.entries(kind.properties));
  return [
    ...kind.required.filter((name) => !(name in value)).map((name) => `${at} lacks ${name}`),
    ...fields.flatMap(([name, field]: readonly [string, unknown]) => {
      const wanted = known.get(name);
      return wanted === undefined ? [`${at} may not have ${name}`] : mistakes(field, wanted, `${at}.${name}`);
    }),
  ];
}

function isWords(kind: Kind): kind is readonly string[] {
  return Array.isArray(kind);
}

function isOf(value: unknown, kind: "string" | "boolean" | "integer" | "uri" | "object"): boolean {
  switch (kind) {
    case "string":
    case "boolean":
      return typeof value === kind;
    case "integer":
      return Number.isInteger(value);
    case "uri":
      return (
        typeof value === "string" && /^[\w.~!$&'()*+,;=:@/?#[\]%-]*$/.test(value) && !/%(?![\dA-F]{2})/i.test(value)
      );
    case "object":
      return typeof value === "object" && value !== null;
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
