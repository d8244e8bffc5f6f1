"""Asks libsepol, the code that the kernel's decisions come from, for access decisions.

Usage: decide.py POLICY; reads JSON from standard input:
  [{"booleans": {name: value}, "queries": [[source, target, class, permission], ...]}, ...]
where source and target are full contexts, and prints one list per entry: [allowed, silent], silent where a refusal leaves
no AVC, or null where the policy refuses a context, the class or the permission. The booleans are set in the policy itself, which is then written and read again.
"""

import ctypes
import json
import os
import sys
import tempfile

sepol = ctypes.CDLL("libsepol.so.2")
libc = ctypes.CDLL("libc.so.6")
libc.fopen.restype = ctypes.c_void_p
libc.fclose.argtypes = [ctypes.c_void_p]


class Decision(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ["allowed", "decided", "auditallow", "auditdeny", "seqno"]]


def check(status, what):
    if status < 0:
        raise RuntimeError(f"{what} failed")


def open_file(path, mode):
    stream = libc.fopen(path.encode(), mode)
    if not stream:
        raise RuntimeError(f"cannot open {path}")
    return ctypes.c_void_p(stream)


sepol.sepol_handle_create.restype = ctypes.c_void_p
handle = ctypes.c_void_p(sepol.sepol_handle_create())


def with_file(path, mode, use):
    policy_file = ctypes.c_void_p()
    check(sepol.sepol_policy_file_create(ctypes.byref(policy_file)), "policy_file_create")
    stream = open_file(path, mode)
    sepol.sepol_policy_file_set_fp(policy_file, stream)
    use(policy_file)
    libc.fclose(stream)
    sepol.sepol_policy_file_free(policy_file)


def set_booleans(source, target, booleans):
    database = ctypes.c_void_p()
    check(sepol.sepol_policydb_create(ctypes.byref(database)), "policydb_create")
    with_file(source, b"rb", lambda file: check(sepol.sepol_policydb_read(database, file), "policydb_read"))
    for name, value in booleans.items():
        key = ctypes.c_void_p()
        boolean = ctypes.c_void_p()
        check(sepol.sepol_bool_key_create(handle, name.encode(), ctypes.byref(key)), "bool_key_create")
        check(sepol.sepol_bool_query(handle, database, key, ctypes.byref(boolean)), "bool_query")
        if not boolean:
            raise RuntimeError(f"no boolean {name}")
        sepol.sepol_bool_set_value(boolean, int(value))
        check(sepol.sepol_bool_set(handle, database, key, boolean), "bool_set")
        sepol.sepol_bool_free(boolean)
        sepol.sepol_bool_key_free(key)
    with_file(target, b"wb", lambda file: check(sepol.sepol_policydb_write(database, file), "policydb_write"))
    sepol.sepol_policydb_free(database)


def sid(context):
    number = ctypes.c_uint32()
    encoded = context.encode()
    if sepol.sepol_context_to_sid(encoded, len(encoded) + 1, ctypes.byref(number)) != 0:
        return None
    return number


def decide(source, target, cls, permission):
    number = ctypes.c_uint16()
    vector = ctypes.c_uint32()
    if sepol.sepol_string_to_security_class(cls.encode(), ctypes.byref(number)) != 0:
        return None
    if sepol.sepol_string_to_av_perm(number, permission.encode(), ctypes.byref(vector)) != 0:
        return None
    source_sid, target_sid = sid(source), sid(target)
    if source_sid is None or target_sid is None:
        return None
    decision = Decision()
    reason = ctypes.c_uint32()
    check(
        sepol.sepol_compute_av_reason(
            source_sid, target_sid, number, vector, ctypes.byref(decision), ctypes.byref(reason)
        ),
        "compute_av_reason",
    )
    return [(decision.allowed & vector.value) != 0, (decision.auditdeny & vector.value) == 0]


answers = []
for entry in json.load(sys.stdin):
    descriptor, path = tempfile.mkstemp(prefix="policy-")
    os.close(descriptor)
    set_booleans(sys.argv[1], path, entry["booleans"])
    stream = open_file(path, b"rb")
    check(sepol.sepol_set_policydb_from_file(stream), "set_policydb_from_file")
    libc.fclose(stream)
    os.unlink(path)
    answers.append([decide(*query) for query in entry["queries"]])
json.dump(answers, sys.stdout)
