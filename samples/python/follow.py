#!/usr/bin/env python3
"""Follows both logs on NATS JetStream and keeps their events in DuckDB.

usage: follow.py DATABASE [--once]

NATS_URL names the server, NATS_CREDS a file of credentials where the server asks for them. With --once the program
ends when it has all events, and leaves the database to whoever asks it: DuckDB lets one program at a time write.

The position of a log is that of its last row. Rows are written in transactions, so a kill at any moment loses nothing
and doubles nothing: JetStream is asked for what follows the last row.
"""

import asyncio
import os
import pathlib
import sys
from urllib.parse import unquote

import duckdb
import nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

SCHEMA = pathlib.Path(__file__).with_name("schema.sql")
LAST = "SELECT position, log_id, hash FROM events WHERE log = $log ORDER BY position DESC LIMIT 1"
INSERT = """
INSERT INTO events SELECT unnest($rows::STRUCT(
    log TEXT, position BIGINT, log_id TEXT, type TEXT, time TIMESTAMPTZ, stream TEXT, actor TEXT, agent_id TEXT,
    hash TEXT, data JSON)[], recursive := true)
"""


def row(log, message):
    """A message as a row: its headers are the attributes of the event, its body the data."""
    event = {name.lower(): unquote(value) for name, value in message.headers.items()}
    return {
        "log": log,
        "position": int(event["ce-sequence"]),
        "log_id": event["ce-logid"],
        "type": event["ce-type"],
        "time": event["ce-time"],
        "stream": event["ce-stream"],
        "actor": event["ce-actor"],
        "agent_id": event.get("ce-agentid"),
        "hash": event["ce-hash"],
        "data": message.data.decode(),
    }


def keep(database, log, rows, position, log_id):
    """Writes the rows in one transaction, if they are the ones that follow; returns the new position."""
    for found in rows:
        if found["log_id"] != (log_id or found["log_id"]):
            sys.exit(f"{log}: position {found['position']} is of another log, {found['log_id']}")
        if found["position"] != position + 1:
            sys.exit(f"{log}: position {found['position']} follows {position}")
        position, log_id = position + 1, found["log_id"]
    database.execute(INSERT, {"rows": rows})
    return position, log_id


async def fetch(consumer):
    """The messages that are there, or those of the next second."""
    try:
        return await consumer.fetch(1000, timeout=1)
    except asyncio.TimeoutError:
        return []


async def follow(database, jetstream, log, once):
    position, log_id, digest = database.execute(LAST, {"log": log}).fetchone() or (0, None, None)
    if position and (await jetstream.get_msg(log, position)).headers["ce-hash"] != digest:
        sys.exit(f"{log}: position {position} is another event than the one that is kept")
    begin = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=position + 1, ack_policy=AckPolicy.NONE
    )
    consumer = await jetstream.pull_subscribe(f"{log.lower()}.v1.>", stream=log, config=begin)
    while True:
        if messages := await fetch(consumer):
            position, log_id = keep(database, log, [row(log, message) for message in messages], position, log_id)
        # Fails where the server has lost the consumer; the next start makes another.
        elif (await consumer.consumer_info()).num_pending == 0 and once:
            return


async def main(path, once):
    with duckdb.connect(path) as database:
        database.execute(SCHEMA.read_text())
        client = await nats.connect(os.environ["NATS_URL"], user_credentials=os.environ.get("NATS_CREDS"))
        try:
            jetstream = client.jetstream()
            await asyncio.gather(*(follow(database, jetstream, log, once) for log in ("AGENTS", "SIGNUPS")))
        finally:
            await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], "--once" in sys.argv[2:]))
