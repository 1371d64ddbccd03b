#!/usr/bin/env node
// Receives webhooks, checks them with the official library, and keeps the events in a file, one JSON text a line.
//
// usage: receiver.mjs PORT EVENTS_FILE, with the secret (whsec_...) in the environment as WEBHOOK_SECRET
//
// An event may come again: when the answer got lost, or in a replay. The events of a log come in their order, so one at
// or below the last position of its log is known, and is left out.

import { appendFileSync, openSync, readFileSync, truncateSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

const [port, path] = process.argv.slice(2);
const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const file = openSync(path, "a");
const positions = new Map();

function remember({ logid, sequence }) {
  positions.set(logid, Number(sequence));
}

// A test event is in no log.
function isNew({ logid, sequence }) {
  return sequence !== undefined && Number(sequence) > (positions.get(logid) ?? 0);
}

// A line that was being written when the receiver was killed comes again.
const kept = readFileSync(path);
const whole = kept.subarray(0, kept.lastIndexOf("\n") + 1);
truncateSync(path, whole.length);
whole.toString().split("\n").filter(Boolean).map((line) => JSON.parse(line)).forEach(remember);

createServer(async (request, response) => {
  let body;
  try {
    body = await text(request);
    webhook.verify(body, request.headers);
  } catch {
    return response.writeHead(401).end();
  }
  const event = JSON.parse(body);
  if (isNew(event)) {
    appendFileSync(file, `${body}\n`);
    remember(event);
  }
  response.writeHead(204).end();
}).listen(Number(port), "127.0.0.1");
