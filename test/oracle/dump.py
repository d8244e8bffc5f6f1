"""Prints what setools reads from a policy file, as JSON: what the reader's answers are compared with.

Usage: dump.py POLICY DOMAIN
Rules come as lines "target class permission condition"; a condition is "always" or the sorted booleans with the truth
table (first boolean is the most significant bit), because the text of an expression differs between tools.
"""

import itertools
import json
import sys

import setools
from setools.exception import NoCommon, RuleNotConditional, TERuleNoFilename

policy = setools.SELinuxPolicy(sys.argv[1])
domain = sys.argv[2]


def condition(rule):
    try:
        expression = rule.conditional
        block = rule.conditional_block
    except RuleNotConditional:
        return "always"
    names = sorted(str(boolean) for boolean in expression.booleans)
    bits = []
    for values in itertools.product([False, True], repeat=len(names)):
        bits.append("1" if expression.evaluate(**dict(zip(names, values))) == block else "0")
    return ",".join(names) + "=" + "".join(bits)


def permissions(cls):
    try:
        inherited = set(cls.common.perms)
    except NoCommon:
        inherited = set()
    return sorted(inherited | set(cls.perms))


def file_name(rule):
    try:
        return rule.filename
    except TERuleNoFilename:
        return None


def rule_lines(kind):
    found = {}
    for rule in setools.TERuleQuery(policy, ruletype=[kind], source=domain, source_indirect=True).results():
        when = condition(rule)
        for target in rule.target.expand():
            for permission in rule.perms:
                found.setdefault(f"{target} {rule.tclass} {permission}", set()).add(when)
    for key, conditions in found.items():
        for when in ["always"] if "always" in conditions else conditions:
            yield f"{key} {when}"


def transition_lines():
    for rule in setools.TERuleQuery(policy, ruletype=["type_transition"], source=domain, source_indirect=True).results():
        name = file_name(rule)
        when = "always" if name is not None else condition(rule)
        for target in rule.target.expand():
            yield f"{target} {rule.tclass} {rule.default} {name or '-'} {when}"


json.dump(
    {
        "version": policy.version,
        "handleUnknown": policy.handle_unknown.name,
        "ports": [[p.protocol.name, p.ports.low, p.ports.high, str(p.context.type_)] for p in policy.portcons()],
        "defaultPortType": [str(sid.context.type_) for sid in policy.initialsids() if str(sid) == "port"],
        "types": sorted(str(t) for t in policy.types()),
        "aliases": sorted([str(a), str(t)] for t in policy.types() for a in t.aliases()),
        "attributes": sorted([str(t), str(a)] for t in policy.types() for a in t.attributes()),
        "booleans": sorted([str(b), b.state] for b in policy.bools()),
        "permissive": sorted(str(t) for t in policy.types() if t.ispermissive),
        "permissions": sorted([str(c), p] for c in policy.classes() for p in permissions(c)),
        "rules": sorted(set(rule_lines("allow"))),
        "dontaudit": sorted(set(rule_lines("dontaudit"))),
        "transitions": sorted(set(transition_lines())),
    },
    sys.stdout,
)
