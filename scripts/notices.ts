/** The licences of the libraries that are bundled, as every package carries them. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

interface Library {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/**
 * The text of THIRD-PARTY-NOTICES. `inputs`: files that were bundled, relative to `root`.
 * Rejects where a library carries no licence of its own.
 */
export async function noticesFor(inputs: readonly string[], root: string): Promise<string> {
  const libraries = await Promise.all(librariesOf(inputs).map((folder) => readLibrary(join(root, folder))));
  const intro =
    libraries.length === 0
      ? "No library of others is part of this program."
      : `This program contains these libraries: ${libraries.map(({ name }) => name).join(", ")}.`;
  const parts = libraries.map(
    ({ name, version, license, text }) => `${"-".repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`,
  );
  return [`${intro}\n`, ...parts].join("\n");
}

/** The folders of the packages that the files belong to, sorted. A package inside of another one counts as itself. */
export function librariesOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap((input) => {
    const match = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll("\\", "/"));
    return match?.[1] === undefined ? [] : [match[1]];
  });
  return [...new Set(folders)].toSorted();
}

async function readLibrary(folder: string): Promise<Library> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.\w+)?$/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence file`);
  return {
    name: field(manifest, "name", folder),
    version: field(manifest, "version", folder),
    license: field(manifest, "license", folder),
    text: (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n"),
  };
}

function field(manifest: unknown, name: "name" | "version" | "license", folder: string): string {
  const value: unknown =
    typeof manifest === "object" && manifest !== null ? Object.getOwnPropertyDescriptor(manifest, name)?.value : null;
  if (typeof value !== "string") throw new Error(`${folder}/package.json names no ${name}`);
  return value;
}
