/**
 * Prepares what the tests in test/oracle compare with: SELinux's own tools (Debian or Ubuntu packages), a real policy,
 * compiled into a private root below .cache/oracle, and nginx, unpacked there. This machine's own configuration is not touched.
 * Runs again at no cost. Needs root only where packages are missing.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, cpSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const packages = [
  // With the collections community.general and ansible.posix.
  "ansible",
  "checkpolicy",
  "openssl",
  "policycoreutils",
  "policycoreutils-python-utils",
  "python3-selinux",
  "python3-setools",
  "secilc",
  "selinux-utils",
  "semodule-utils",
  "setools",
];
const tools = [
  "/usr/bin/ansible-playbook",
  "/usr/bin/checkpolicy",
  "/usr/bin/openssl",
  "/usr/bin/secilc",
  "/usr/bin/sesearch",
  "/usr/sbin/matchpathcon",
  "/usr/sbin/semanage",
  "/usr/sbin/semodule",
];

const cache = resolve(import.meta.dirname, "../.cache/oracle");
const root = join(cache, "root");
const stamp = join(cache, "ready.json");

function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options });
}

function hasTools() {
  if (!tools.every((tool) => existsSync(tool))) {
    return false;
  }
  try {
    execFileSync("/usr/bin/python3", ["-c", "import setools, selinux.audit2why"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function installTools() {
  if (hasTools()) {
    return;
  }
  if (process.getuid?.() !== 0) {
    console.error(`As root: apt-get install --no-install-recommends ${packages.join(" ")}`);
    process.exit(1);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-qq"], { env });
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
}

/** Unpacks selinux-policy-default without configuring it, and compiles its modules inside the private root. */
function compilePolicy() {
  const unpacked = join(cache, "package");
  rmSync(root, { recursive: true, force: true });
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  run("apt-get", ["download", "-qq", "selinux-policy-default"], { cwd: cache });
  const [archive] = readdirSync(cache).filter((name) => /^selinux-policy-default_.*\.deb$/.test(name));
  if (archive === undefined) {
    throw new Error("apt-get download gave no selinux-policy-default package");
  }
  run("dpkg-deb", ["-x", join(cache, archive), unpacked]);
  mkdirSync(join(root, "var/lib/selinux/default"), { recursive: true });
  cpSync(join(unpacked, "etc"), join(root, "etc"), { recursive: true });
  writeFileSync(join(root, "etc/selinux/config"), "SELINUX=permissive\nSELINUXTYPE=default\n");
  cpSync("/etc/selinux/semanage.conf", join(root, "etc/selinux/semanage.conf"));
  const modules = join(unpacked, "usr/share/selinux/default");
  const names = readFileSync(join(modules, ".modules"), "utf8").split("\n").filter(Boolean);
  const installs = names.flatMap((name) => ["-i", join(modules, `${name}.pp.bz2`)]);
  run("/usr/sbin/semodule", ["-p", root, "-n", "-s", "default", "-X", "100", ...installs]);
  rmSync(unpacked, { recursive: true });
  rmSync(join(cache, archive));
  return archive;
}

/** Unpacks Debian's nginx without installing it: nothing of it is started, and nothing lies where a host has it. */
function unpackNginx() {
  const directory = join(cache, "nginx");
  if (existsSync(join(directory, "usr/sbin/nginx"))) {
    return;
  }
  const archives = join(cache, "nginx-packages");
  rmSync(archives, { recursive: true, force: true });
  mkdirSync(archives, { recursive: true });
  run("apt-get", ["download", "-qq", "nginx", "libnginx-mod-stream", "libnginx-mod-mail"], { cwd: archives });
  for (const archive of readdirSync(archives)) {
    run("dpkg-deb", ["-x", join(archives, archive), directory]);
  }
  rmSync(archives, { recursive: true });
  if (!existsSync(join(directory, "usr/sbin/nginx"))) {
    throw new Error("the package nginx of this distribution holds no nginx");
  }
}

installTools();
unpackNginx();
if (existsSync(stamp)) {
  console.log(`ready: ${readFileSync(stamp, "utf8").trim()}`);
} else {
  const archive = compilePolicy();
  const directory = join(root, "etc/selinux/default/policy");
  const [policy] = readdirSync(directory).filter((name) => name.startsWith("policy."));
  if (policy === undefined) {
    throw new Error(`semodule wrote no policy to ${directory}`);
  }
  writeFileSync(stamp, `${JSON.stringify({ archive, policy: join("root/etc/selinux/default/policy", policy) })}\n`);
  console.log(`compiled ${archive} to ${join(directory, policy)}`);
}
