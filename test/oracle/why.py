"""Asks audit2why which single boolean would allow what the policy denies.

Usage: why.py POLICY; reads a JSON list of [source context, target context, class, permission] from standard input and
prints for each the list of [boolean, value], or null where audit2why names no boolean.
"""

import json
import sys

import selinux.audit2why as audit2why

queries = json.load(sys.stdin)
audit2why.init(sys.argv[1])
answers = []
for source, target, cls, permission in queries:
    reason, booleans = audit2why.analyze(source, target, cls, [permission])
    answers.append(sorted([name, bool(value)] for name, value in booleans) if reason == audit2why.BOOLEAN else None)
json.dump(answers, sys.stdout)
