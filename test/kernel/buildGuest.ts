/**
 * Builds the image of a Debian 12 guest in which SELinux is enforcing and nginx is confined, from Debian's packages
 * only. It is made once, and again where this file or Node changes. Needs root on Debian: debootstrap and labels do.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { step } from "./progress.ts";

/** What makes a guest; paths on this machine. */
export interface GuestFiles {
  /** An ext4 file system without partitions. */
  readonly image: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The private key that root and `visitor` accept. */
  readonly key: string;
}

/** Which policy a machine has, below its `/`. */
const CONFIG = "etc/selinux/config";

const hostTools: Readonly<Record<string, string>> = {
  debootstrap: "/usr/sbin/debootstrap",
  e2fsprogs: "/usr/sbin/mkfs.ext4",
  "openssh-client": "/usr/bin/ssh",
  openssl: "/usr/bin/openssl",
  "qemu-system-x86": "/usr/bin/qemu-system-x86_64",
};
const firstPackages = ["systemd-sysv", "udev", "kmod", "iproute2", "procps", "dbus", "libpam-systemd"];
const packages = [
  "linux-image-cloud-amd64",
  "initramfs-tools",
  "zstd",
  "nginx-light",
  "libnginx-mod-mail",
  "libnginx-mod-stream",
  // A backend that has a domain of its own.
  "memcached",
  "selinux-policy-default",
  "policycoreutils",
  "policycoreutils-python-utils",
  "selinux-utils",
  "semodule-utils",
  "auditd",
  "python3",
  "curl",
  // semanage port asks /etc/protocols.
  "netbase",
  "openssh-server",
  // The commands that are tested begin with it.
  "sudo",
];
const maskedUnits = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "dpkg-db-backup.timer",
  "e2scrub_all.timer",
  "fstrim.timer",
  "getty@tty1.service",
  "selinux-autorelabel-mark.service",
  "serial-getty@ttyS0.service",
  "systemd-tmpfiles-clean.timer",
  "systemd-timesyncd.service",
];

/**
 * The guest's files below `cache`, built where they are missing or older than their recipe. `policyRoot`: a directory
 * with the `etc/selinux` and `var/lib/selinux` of another machine, which take the place of Debian's; null for Debian's.
 */
export function buildGuest(cache: string, policyRoot: string | null = null): GuestFiles {
  const files = {
    image: join(cache, "guest.img"),
    kernel: join(cache, "vmlinuz"),
    initrd: join(cache, "initrd.img"),
    key: join(cache, "key"),
  };
  const stamp = join(cache, "recipe");
  const recipe = createHash("sha256")
    .update(readFileSync(import.meta.filename))
    .update(process.version)
    .update(policyRoot === null ? "" : `${policyRoot} ${statSync(join(policyRoot, CONFIG)).mtimeMs}`)
    .digest("hex");
  installHostTools();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === recipe) return files;
  mkdirSync(cache, { recursive: true });
  rmSync(stamp, { force: true });
  const root = join(cache, "root");
  unmount(root);
  rmSync(root, { recursive: true, force: true });
  step("debootstrap: Debian 12", () => bootstrap(root));
  try {
    execFileSync("/usr/bin/mount", ["-t", "proc", "proc", join(root, "proc")]);
    step("packages of the guest", () => installPackages(root));
    step("configuration and labels of the guest", () => {
      configure(root, files.key);
      if (policyRoot !== null) takePolicy(root, policyRoot);
      // V8 compiles into memory that it writes and executes; Debian's policy lets no user do that by default, and some
      // others have no such boolean.
      chroot(root, `semanage boolean -N -m --on allow_execmem${policyRoot === null ? "" : " || true"}`);
      label(root);
    });
  } finally {
    unmount(root);
  }
  step("image", () => makeImage(root, files));
  rmSync(root, { recursive: true });
  writeFileSync(stamp, recipe);
  return files;
}

function installHostTools(): void {
  const missing = Object.keys(hostTools).filter((name) => !existsSync(hostTools[name] ?? ""));
  if (missing.length === 0) return;
  step(`packages of this machine: ${missing.join(" ")}`, () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    run("/usr/bin/apt-get", ["update", "-qq"], { env });
    run("/usr/bin/apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
  });
}

/** The mirror that this machine's own apt uses. */
function debianMirror(): string {
  const targets = execFileSync(
    "/usr/bin/apt-get",
    ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", "Component: main"],
    { encoding: "utf8" },
  );
  const mirror = targets.split("\n").find((uri) => /^https?:/.test(uri) && !uri.includes("security"));
  if (mirror === undefined) throw new Error("apt knows no mirror of Debian on this machine");
  return mirror;
}

function bootstrap(root: string): void {
  run("debootstrap", ["--variant=minbase", `--include=${firstPackages.join(",")}`, "bookworm", root, debianMirror()]);
}

function installPackages(root: string): void {
  const policy = join(root, "usr/sbin/policy-rc.d");
  write(root, "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
  chmodSync(policy, 0o755);
  const borrowed = ["etc/resolv.conf", "etc/hosts"].filter((name) => existsSync(`/${name}`));
  for (const name of borrowed) copyFileSync(`/${name}`, join(root, name));
  const apt = "apt-get -o APT::Sandbox::User=root -qq -y --no-install-recommends";
  chroot(root, `DEBIAN_FRONTEND=noninteractive ${apt} install ${packages.join(" ")} </dev/null; apt-get clean`);
  for (const name of borrowed) rmSync(join(root, name));
  rmSync(policy);
}

function configure(root: string, key: string): void {
  write(root, "etc/hostname", "guest\n");
  write(root, "etc/hosts", "127.0.0.1 localhost guest\n::1 localhost\n");
  write(root, "etc/fstab", "/dev/vda / ext4 defaults,noatime 0 0\n");
  write(root, CONFIG, "SELINUX=enforcing\nSELINUXTYPE=default\n");
  write(root, "etc/systemd/network/10-guest.network", "[Match]\nName=en* eth*\n[Network]\nAddress=10.0.2.15/24\n");
  write(root, "etc/ssh/sshd_config.d/guest.conf", "PermitRootLogin prohibit-password\nUseDNS no\nMaxSessions 20\n");
  copyFileSync(process.execPath, join(root, "usr/local/bin/node"));
  chmodSync(join(root, "usr/local/bin/node"), 0o755);
  rmSync(key, { force: true });
  rmSync(`${key}.pub`, { force: true });
  run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "guest", "-f", key]);
  chroot(root, "useradd -m -s /bin/bash visitor");
  for (const home of ["root", "home/visitor"]) write(root, `${home}/.ssh/authorized_keys`, readFileSync(`${key}.pub`));
  chroot(
    root,
    `chown -R visitor: /home/visitor
     chmod 700 /root/.ssh /home/visitor/.ssh
     systemctl enable systemd-networkd ssh auditd nginx
     systemctl disable memcached
     systemctl mask ${maskedUnits.join(" ")}`,
  );
}

/** The policy of another machine, with its contexts and its module store. */
function takePolicy(root: string, policyRoot: string): void {
  for (const directory of ["etc/selinux", "var/lib/selinux"]) {
    rmSync(join(root, directory), { recursive: true });
    run("cp", ["-a", "--no-preserve=xattr,context", join(policyRoot, directory), join(root, dirname(directory))]);
  }
  const config = readFileSync(join(root, CONFIG), "utf8");
  write(root, CONFIG, config.replace(/^SELINUX=.*/m, "SELINUX=enforcing"));
}

/** With the guest's own tool: this machine need not know SELinux. */
function label(root: string): void {
  const type = /^SELINUXTYPE=(\S+)/m.exec(readFileSync(join(root, CONFIG), "utf8"))?.[1];
  if (type === undefined) throw new Error(`${CONFIG} names no SELINUXTYPE`);
  const contexts = `/etc/selinux/${type}/contexts/files/file_contexts`;
  chroot(root, `setfiles -F -e /proc -e /sys -e /dev ${contexts} /`);
}

function makeImage(root: string, files: GuestFiles): void {
  const boot = readdirSync(join(root, "boot"));
  const copyBoot = (prefix: string, target: string): void => {
    const name = boot.find((each) => each.startsWith(prefix));
    if (name === undefined) throw new Error(`the guest has no /boot/${prefix}*`);
    copyFileSync(join(root, "boot", name), target);
  };
  copyBoot("vmlinuz-", files.kernel);
  copyBoot("initrd.img-", files.initrd);
  const part = `${files.image}.part`;
  rmSync(part, { force: true });
  run("truncate", ["-s", "3G", part]);
  // -d keeps the labels, which are extended attributes.
  run("mkfs.ext4", ["-q", "-F", "-O", "^has_journal", "-d", root, part]);
  renameSync(part, files.image);
}

function unmount(root: string): void {
  const proc = join(root, "proc");
  if (existsSync(join(proc, "self")) && statSync(proc).dev !== statSync(root).dev)
    execFileSync("/usr/bin/umount", [proc]);
}

function chroot(root: string, script: string): void {
  run("chroot", [root, "/bin/sh", "-ec", script], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", HOME: "/root" },
  });
}

/** Runs a tool; what it says is shown only where it fails. */
function run(command: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv } = {}): void {
  try {
    execFileSync(command, args, { ...options, encoding: "utf8", stdio: "pipe", maxBuffer: 64 << 20 });
  } catch (error) {
    if (error instanceof Error && "stdout" in error && "stderr" in error)
      throw new Error(
        `${command} failed:\n${String(error.stdout).slice(-3000)}\n${String(error.stderr).slice(-3000)}`,
        {
          cause: error,
        },
      );
    throw error;
  }
}

function write(root: string, name: string, content: string | Uint8Array): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
