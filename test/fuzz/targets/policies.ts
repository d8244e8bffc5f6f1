/** Damaged policy files, file_contexts and snapshots: each is refused with a reason or answers, within its time. */
import { PolicyFormatError } from "../../../server/src/selinux/binary/policyFormatError.ts";
import { snapshotFacts, SnapshotError } from "../../../server/src/selinux/files/snapshot.ts";
import { hostLabels } from "../../../server/src/selinux/hostLabels.ts";
import { policyOf } from "../../../server/src/selinux/model.ts";
import { bundledText } from "../../support/bundledPolicies.ts";
import { damagedText, original, paths, subs } from "../../support/damage/hostileContexts.ts";
import { interrogate } from "../../support/damage/interrogate.ts";
import { damaged } from "../../support/policies/damage.ts";
import { encodePolicy } from "../../support/policies/encoder.ts";
import { webPolicy } from "../../support/policies/webPolicy.ts";
import type { Random } from "../random.ts";
import { slow, timed, type Failure, type FuzzTarget } from "../target.ts";

/** Variants of a round. */
const COUNT = 1000;
const SNAPSHOTS = 50;

/** Seeds of the damage. */
const SEEDS = 2 ** 31;

function* damagedPolicies(random: Random): Generator<Failure, number> {
  const originals = Array.from({ length: 12 }, (_, index) => encodePolicy(webPolicy(24 + index)));
  for (let i = 0; i < COUNT; i++) {
    const seed = random.below(SEEDS);
    const version = random.below(originals.length);
    const input = `version ${24 + version}, damage of seed ${seed}`;
    try {
      const took = timed(() => interrogate(damaged(originals[version] ?? new Uint8Array(), seed)));
      yield* slow(input, took);
    } catch (error) {
      if (!(error instanceof PolicyFormatError)) yield { input, error };
    }
  }
  return COUNT;
}

function* damagedContexts(random: Random): Generator<Failure, number> {
  for (let i = 0; i < COUNT; i++) {
    const seed = random.below(SEEDS);
    const input = `damage of seed ${seed}`;
    try {
      const took = timed(() => {
        const texts = { base: damagedText(original, seed), homedirs: "", local: damagedText(original, seed + 1) };
        const labels = hostLabels({ ...texts, subs: "", subsDist: damagedText(subs, seed) });
        for (const path of paths) {
          const { type, exact } = labels.label(path, random.pick(["any", "file", "sock"]));
          if (!exact && type !== null) throw new Error(`${path}: an unknown label is ${type}`);
        }
      });
      yield* slow(input, took);
    } catch (error) {
      yield { input, error };
    }
  }
  return COUNT;
}

function* damagedSnapshots(random: Random): Generator<Failure, number> {
  const text = bundledText(random.pick(["rhel7", "rhel9", "fedora"]));
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < SNAPSHOTS; i++) {
    const seed = random.below(SEEDS);
    try {
      const took = timed(() => {
        const policy = policyOf(snapshotFacts(new TextDecoder().decode(damaged(bytes, seed)), "snapshot"));
        for (const path of paths) policy.label(path, "file");
        for (const port of [80, 3000, 65_535]) policy.portType("tcp", port);
        policy.check("httpd_t", "http_port_t", "tcp_socket", "name_bind");
      });
      yield* slow(`snapshot, damage of seed ${seed}`, took);
    } catch (error) {
      if (!(error instanceof SnapshotError)) yield { input: `snapshot, damage of seed ${seed}`, error };
    }
  }
  return SNAPSHOTS;
}

/** 1,000 policy files of all versions a round. */
export const policies: FuzzTarget = { name: "policies", round: damagedPolicies };

/** 1,000 texts of file_contexts a round. */
export const fileContexts: FuzzTarget = { name: "file-contexts", round: damagedContexts };

/** 50 snapshots a round. */
export const snapshots: FuzzTarget = { name: "snapshots", round: damagedSnapshots };
