/** File systems on which the mode decides, and those on which a server or another program does. */
import type { Host } from "../host/host.ts";
import { readText } from "../host/readHost.ts";
import { unescaped } from "./escapes.ts";

/** Local ones, on which the kernel asks owner, mode and ACL as inode(7) says, and nothing else. */
const LOCAL = new Set(
  "autofs bcachefs bpf btrfs cgroup2 configfs devtmpfs efivarfs erofs exfat ext2 ext3 ext4 f2fs hugetlbfs iso9660 jfs mqueue ntfs3 overlay proc ramfs reiserfs rootfs securityfs selinuxfs squashfs sysfs tmpfs udf vfat xfs zfs".split(
    " ",
  ),
);

/** Says of an absolute path without links on which other file system it lies; null for a local one. */
export type ForeignFileSystem = (path: string) => string | null;

/** From /proc/self/mountinfo (proc(5)). Everything counts as local where it cannot be read. */
export async function readFileSystems(host: Host): Promise<ForeignFileSystem> {
  const text = (await readText(host, "/proc/self/mountinfo")) ?? "";
  const types = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [mount = "", source = ""] = line.split(" - ");
    const at = mount.split(" ")[4];
    const type = source.split(" ")[0];
    if (at !== undefined && type !== undefined && type !== "") types.set(unescaped(at), type);
  }
  return (path) => {
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/"))) {
      const type = types.get(at === "" ? "/" : at);
      if (type !== undefined) return LOCAL.has(type) ? null : type;
      if (at === "" || at === "/") return null;
    }
  };
}
