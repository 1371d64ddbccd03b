#!/usr/bin/env python3
"""Receives webhooks, checks them with the official library, and keeps the events in a file, one JSON text a line.

usage: receiver.py PORT EVENTS_FILE, with the secret (whsec_...) in the environment as WEBHOOK_SECRET

An event may come again: when the answer got lost, or in a replay. The events of a log come in their order, so one at or
below the last position of its log is known, and is left out.
"""

import http.server
import json
import os
import sys

from standardwebhooks import Webhook, WebhookVerificationError


class Events:
    def __init__(self, path):
        self.positions = {}
        self.file = open(path, "a+b", buffering=0)
        self.file.seek(0)
        whole = 0
        for line in self.file:
            if line.endswith(b"\n"):
                whole += len(line)
                self.is_new(json.loads(line))
        # What was written when the receiver was killed, and not to its end, comes again.
        self.file.truncate(whole)

    def is_new(self, event):
        """Whether the event is behind the others of its log, which moves the position."""
        log, position = event["logid"], int(event["sequence"])
        is_new = position > self.positions.get(log, 0)
        self.positions[log] = max(position, self.positions.get(log, 0))
        return is_new

    def keep(self, body):
        event = json.loads(body)
        # A test event is in no log.
        if "sequence" in event and self.is_new(event):
            self.file.write(body + b"\n")


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            webhook.verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self.answer(401)
        events.keep(body)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


port, path = sys.argv[1:]
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
events = Events(path)
http.server.HTTPServer(("127.0.0.1", int(port)), Receiver).serve_forever()
