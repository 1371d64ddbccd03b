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
        self.positions, self.size = {}, 0
        self.file = open(path, "a+b", buffering=0)
        self.file.seek(0)
        for line in self.file:
            if line.endswith(b"\n"):
                self.remember(json.loads(line), line)
        # A line that was being written when the receiver was killed comes again.
        self.file.truncate(self.size)

    def remember(self, event, line):
        self.positions[event["logid"]] = int(event["sequence"])
        self.size += len(line)

    def keep(self, body):
        event, line = json.loads(body), body + b"\n"
        # A test event is in no log.
        if "sequence" not in event or int(event["sequence"]) <= self.positions.get(event["logid"], 0):
            return
        if self.file.write(line) < len(line):
            self.file.truncate(self.size)
            raise OSError("the line was not written to its end")
        self.remember(event, line)


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
