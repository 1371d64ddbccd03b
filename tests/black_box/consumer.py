#!/usr/bin/env python3
"""An analytics consumer, as a third party would write it.

It knows what Signpost publishes (subjects, headers, JSON Schemas, the recipe of the hash chain) and
nothing of how Signpost is built. It reads a stream from its first sequence and stops at the first
lie: exit 1 for a lie, exit 2 where the stream or the schemas could not be read.
"""

import argparse
import asyncio
import collections
import hashlib
import json
import pathlib
import sys

import nats
import nats.errors
import nats.js.errors
from cloudevents.core.bindings.http import HTTPMessage, from_binary
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

# The recipe of the hash: these header values in this order, each with a newline after it, between
# the previous hash and the bytes of the data.
HASHED = (
    "id", "source", "type", "time", "subject", "sequence", "logid", "stream", "streamversion", "actor",
)
# Headers that an event must carry. The library would invent an id or a time that is missing.
REQUIRED = ("specversion", "dataschema", "hash") + HASHED
# Hashed behind these; a line of its own, empty where the header is absent.
OPTIONAL = "command"
BEFORE_THE_FIRST = "0" * 64
PATIENCE_SECONDS = 30


class Lie(Exception):
    """The stream contradicts an invariant."""


class Unreadable(Exception):
    """The stream or the schemas can't be read."""


class Schemas:
    """The published JSON Schemas, one file per event type."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.validators = {}
        if not self.folder.is_dir():
            raise Unreadable(f"{folder} is not a folder of schemas")

    def validator(self, event_type):
        if event_type not in self.validators:
            self.validators[event_type] = self._load(event_type)
        return self.validators[event_type]

    def _load(self, event_type):
        # The type comes from outside; it must stay a file name.
        path = self.folder / f"{event_type}.json"
        if path.parent != self.folder or not path.is_file():
            raise Lie(f"no schema is published for type {event_type!r}")
        try:
            schema = json.loads(path.read_bytes())
            Draft202012Validator.check_schema(schema)
        except (ValueError, SchemaError) as error:
            raise Unreadable(f"{path.name} is not a JSON Schema of 2020-12: {error}") from error
        return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


class Checker:
    """The checks of an outside consumer, message by message."""

    def __init__(self, stream, schemas):
        self.prefix = stream.lower()
        self.schemas = schemas
        self.first = None
        self.last = 0
        self.log_id = None
        self.hash = None
        self.ids = set()
        self.versions = {}
        self.types = collections.Counter()

    def accept(self, sequence, subject, headers, data):
        headers = {name.lower(): value for name, value in (headers or {}).items()}
        values = self._attributes(headers)
        self._check_order(sequence, values)
        self._check_names(subject, values)
        event = self._check_envelope(headers, data)
        self._check_data(values["type"], event.get_data())
        self._check_agent(headers, event.get_data())
        self._check_stream_version(values)
        self._check_chain(values, data)
        self.types[values["type"]] += 1

    def _attributes(self, headers):
        missing = [f"ce-{name}" for name in REQUIRED if f"ce-{name}" not in headers]
        if missing:
            raise Lie(f"headers are missing: {', '.join(missing)}")
        if headers.get("ce-datacontenttype") != "application/json":
            raise Lie(f"ce-datacontenttype is {headers.get('ce-datacontenttype')!r}")
        values = {name: headers[f"ce-{name}"] for name in REQUIRED}
        return values | {OPTIONAL: headers.get(f"ce-{OPTIONAL}", "")}

    def _check_order(self, sequence, values):
        if self.first is None:
            self.first = sequence
        elif sequence != self.last + 1:
            raise Lie(f"stream sequence {sequence} follows {self.last}: the stream has a hole")
        if values["sequence"] != f"{sequence:020d}":
            raise Lie(f"ce-sequence is {values['sequence']!r} at stream sequence {sequence}")
        if self.log_id not in (None, values["logid"]):
            raise Lie(f"ce-logid changed from {self.log_id} to {values['logid']}")
        if values["id"] in self.ids:
            raise Lie(f"event id {values['id']} was seen before")
        self.last = sequence
        self.log_id = values["logid"]
        self.ids.add(values["id"])

    def _check_names(self, subject, values):
        tokens = subject.split(".")
        if tokens[:2] != [self.prefix, "v1"] or len(tokens) != 5:
            raise Lie(f"subject {subject!r} is not {self.prefix}.v1.<entity>.<event>.<id>")
        if not values["type"].startswith(f"signpost.{self.prefix}."):
            raise Lie(f"type {values['type']!r} does not belong on the stream {self.prefix.upper()}")
        if values["dataschema"] != f"urn:signpost:schema:{values['type']}":
            raise Lie(f"ce-dataschema is {values['dataschema']!r} for type {values['type']!r}")

    def _check_envelope(self, headers, data):
        try:
            event = from_binary(HTTPMessage(headers=headers, body=data), JSONFormat())
        except (CloudEventValidationError, ValueError) as error:
            raise Lie(f"not a CloudEvent in binary mode: {error}") from error
        if event.get_datacontenttype() != "application/json":
            raise Lie(f"the content type is {event.get_datacontenttype()!r}, not application/json")
        return event

    def _check_data(self, event_type, data):
        error = next(self.schemas.validator(event_type).iter_errors(data), None)
        if error is not None:
            where = "/".join(str(step) for step in error.absolute_path) or "the data"
            raise Lie(f"{event_type} breaks its schema at {where}: rule {error.validator!r}")

    def _check_agent(self, headers, data):
        agent = data.get("agent_id") or data.get("previous_agent_id")
        if headers.get("ce-agentid") != agent:
            raise Lie(f"ce-agentid is {headers.get('ce-agentid')!r}, the data concern {agent!r}")

    def _check_stream_version(self, values):
        stream, version = values["stream"], values["streamversion"]
        # A stream that lost its beginning to retention may start at any version.
        expected = self.versions.get(stream, 0 if self.first == 1 else None)
        if not version.isascii() or not version.isdigit() or str(int(version)) != version:
            raise Lie(f"ce-streamversion is {version!r}, not a plain number")
        if expected is not None and int(version) != expected + 1:
            raise Lie(f"{stream} has version {version} after {expected}")
        self.versions[stream] = int(version)

    def _check_chain(self, values, data):
        previous = BEFORE_THE_FIRST if values["sequence"] == f"{1:020d}" else self.hash
        # Where retention took the beginning, the first hash seen is the anchor of the rest.
        if previous is not None:
            lines = [previous] + [values[name] for name in HASHED + (OPTIONAL,)]
            text = "".join(f"{line}\n" for line in lines).encode()
            computed = hashlib.sha256(text + data).hexdigest()
            if computed != values["hash"]:
                raise Lie(f"ce-hash is {values['hash']}, but the bytes give {computed}")
        self.hash = values["hash"]

    def summary(self, stream):
        return {
            "stream": stream,
            "events": len(self.ids),
            "first": self.first,
            "last": self.last,
            "log_id": self.log_id,
            "hash": self.hash,
            "chain": "from the beginning" if self.first in (None, 1) else f"anchored at {self.first}",
            "streams": len(self.versions),
            "types": dict(sorted(self.types.items())),
        }


async def stream_state(jetstream, stream):
    try:
        return (await jetstream.stream_info(stream)).state
    except nats.js.errors.NotFoundError as error:
        raise Unreadable(f"there is no stream {stream}") from error


async def wait_for(jetstream, stream, expected):
    """Waits until the stream holds as many events as are expected, or a time limit ends."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_SECONDS
    state = await stream_state(jetstream, stream)
    while state.messages < expected and loop.time() < deadline:
        await asyncio.sleep(0.05)
        state = await stream_state(jetstream, stream)
    return state


async def ignore(_error):
    """Errors are reported once, by the caller that waits for the response."""


async def read(arguments, checker):
    client = await nats.connect(
        arguments.nats, allow_reconnect=False, connect_timeout=5, max_reconnect_attempts=1, error_cb=ignore
    )
    try:
        jetstream = client.jetstream()
        state = await wait_for(jetstream, arguments.stream, arguments.expect or 0)
        if state.messages == 0:
            return
        subscription = await jetstream.subscribe(
            f"{arguments.stream.lower()}.v1.>", stream=arguments.stream, ordered_consumer=True
        )
        while checker.last < state.last_seq:
            try:
                message = await subscription.next_msg(timeout=PATIENCE_SECONDS)
            except nats.errors.TimeoutError as error:
                raise Lie(
                    f"nothing came after sequence {checker.last}, but the stream ends at {state.last_seq}"
                ) from error
            sequence = message.metadata.sequence.stream
            try:
                checker.accept(sequence, message.subject, message.headers, message.data)
            except Lie as lie:
                raise Lie(f"sequence {sequence}: {lie}") from lie
    finally:
        await client.close()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nats", required=True, help="such as nats://127.0.0.1:4222")
    parser.add_argument("--stream", required=True, help="AGENTS or SIGNUPS")
    parser.add_argument("--schemas", required=True, help="the folder of the published schemas")
    parser.add_argument("--expect", type=int, help="how many events the stream must hold")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    return parser.parse_args()


async def check(arguments):
    checker = Checker(arguments.stream, Schemas(arguments.schemas))
    await read(arguments, checker)
    summary = checker.summary(arguments.stream)
    if arguments.expect is not None and summary["events"] != arguments.expect:
        raise Lie(f"{arguments.expect} events were expected, the stream holds {summary['events']}")
    return summary


def main():
    arguments = parse_arguments()
    try:
        summary = asyncio.run(check(arguments))
    except Lie as lie:
        sys.exit(f"{arguments.stream}: {lie}")
    except (Unreadable, nats.errors.Error, OSError) as error:
        print(f"{arguments.stream}: can't be read: {error or type(error).__name__}", file=sys.stderr)
        sys.exit(2)
    if arguments.json:
        print(json.dumps(summary))
        return
    for name, value in summary.items():
        print(f"{name:8} {value}")


if __name__ == "__main__":
    main()
