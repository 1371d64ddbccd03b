#!/usr/bin/env node
// Receives webhooks, checks them with the official library, and keeps the events in a file, one JSON text a line.
//
// usage: receiver.mjs PORT EVENTS_FILE, with the secret (whsec_...) in the environment as WEBHOOK_SECRET
//
// An event may come again: when the answer got lost, or in a replay. The events of a log come in their order, so one at
// or below the last position of its log is known, and is left out.

import { openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const [port, path] = process.argv.slice(2);
const webhook = new Webhook(process.env.WEBHOOK_SECRET);
const file = openSync(path, "a");
const positions = new Map();

// Whether the event is behind the others of its log, which moves the position.
function isNew({ logid, sequence }) {
  const last = positions.get(logid) ?? 0;
  positions.set(logid, Math.max(last, Number(sequence)));
  return Number(sequence) > last;
}

// What was written when the receiver was killed, and not to its end, comes again.
const kept = readFileSync(path);
const whole = kept.subarray(0, kept.lastIndexOf("\n") + 1);
truncateSync(path, whole.length);
whole.toString().split("\n").filter(Boolean).forEach((line) => isNew(JSON.parse(line)));

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  try {
    webhook.verify(body, request.headers);
  } catch {
    return response.writeHead(401).end();
  }
  // A test event is in no log.
  const event = JSON.parse(body);
  if (event.sequence && isNew(event)) writeSync(file, `${body}\n`);
  response.writeHead(204).end();
}).listen(Number(port), "127.0.0.1");
