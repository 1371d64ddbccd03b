#!/usr/bin/env python3
"""Verifies a log from its events as JSON lines on standard input, by shared/contract/schemas/HASH_CHAIN.md alone."""

import hashlib
import json
import sys

HASHED = ("id", "source", "type", "time", "subject", "sequence", "logid", "stream", "streamversion", "actor", "command")


def verify(lines):
    position, digest, origin, versions = 0, "0" * 64, None, {}
    for position, line in enumerate(lines, 1):
        event = json.loads(line)
        data = line.rstrip(b"\n").partition(b',"data":')[2][:-1]
        text = "".join(f"{value}\n" for value in [digest] + [event.get(name, "") for name in HASHED])
        computed = hashlib.sha256(text.encode() + data).hexdigest()
        if computed != event["hash"]:
            sys.exit(f"position {position}: the hash is {event['hash']}, the text gives {computed}")
        if event["sequence"] != f"{position:020d}":
            sys.exit(f"position {position}: the event says {event['sequence']}")
        versions[event["stream"]] = versions.get(event["stream"], 0) + 1
        if event["streamversion"] != str(versions[event["stream"]]):
            sys.exit(f"position {position}: version {event['streamversion']} of {event['stream']} is out of order")
        origin = origin or (event["logid"], event["source"])
        if origin != (event["logid"], event["source"]):
            sys.exit(f"position {position}: the event is of another log")
        digest = computed
    return f"{position} {digest}"


print(verify(sys.stdin.buffer))
