/** What the packages are built and tried with. */
import type { SystemPackage } from "../../scripts/systemPackages.ts";

export const rpmTools: readonly SystemPackage[] = [{ program: "rpmbuild", debian: "rpm", fedora: "rpm-build" }];
