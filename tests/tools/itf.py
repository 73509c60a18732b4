"""Asks the reader of the Informal Trace Format whether it accepts traces: python itf.py FILE.itf.json …

Needs `pip install itf-py`.
"""

import json
import sys

from itf_py import trace_from_json

files = sys.argv[1:]
assert files, "which traces?"
for file in files:
    with open(file, encoding="utf-8") as text:
        trace = trace_from_json(json.load(text))
    assert trace.vars == ["nodes", "down", "at", "action"], f"{file}: {trace.vars}"
    assert len(trace.states) > 1, f"{file} has {len(trace.states)} states"
    assert all(isinstance(state.values["nodes"], dict) for state in trace.states), file
print(f"itf-py reads {len(files)} traces")
