#!/usr/bin/env node
// Follows the events of a service as JSON lines, page by page, and keeps them in a file.
//
// usage: follow.mjs URL TOKEN_FILE EVENTS_FILE
//
// The last line of the file is also the position, so the two cannot disagree: a kill at any moment leaves at most a part
// of a line, which the next start removes and gets again. Needs Node 18 and no package. One follower for each file.

import { appendFileSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

// No event is longer, in bytes.
const LONGEST_LINE = 1 << 20;

// What no other attempt can mend: a person must look.
class Fatal extends Error {}

// Removes a line that was not written to its end. Returns the last event, if there is one.
function resume(file) {
  const { size } = fstatSync(file);
  const tail = Buffer.alloc(Math.min(size, 2 * LONGEST_LINE));
  readSync(file, tail, 0, tail.length, size - tail.length);
  const whole = tail.subarray(0, tail.lastIndexOf("\n") + 1);
  ftruncateSync(file, size - tail.length + whole.length);
  return whole.length ? JSON.parse(whole.toString().trimEnd().split("\n").at(-1)) : undefined;
}

// The lines of a body as they come. A part of a line at the end of a broken body is not one.
async function* lines(body) {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop();
    yield* parts;
  }
}

// Fails where an event is not the one behind the last one.
function check(event, last) {
  const expected = Number(last?.sequence ?? 0) + 1;
  if (Number(event.sequence) !== expected || (last && event.logid !== last.logid)) {
    throw new Fatal(`expected position ${expected} of log ${last?.logid}, received ${event.sequence} of ${event.logid}`);
  }
}

// Writes the events behind the last one to the file as they come. Returns the last event then.
async function keepPage(url, token, file, last) {
  const after = last ? `${last.logid}-${Number(last.sequence)}` : "0";
  const response = await fetch(`${url}/api/v1/events?after=${after}&limit=5000`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(60_000),
  });
  if (!response.ok) {
    const text = `${response.status} ${await response.text()}`;
    throw response.status < 500 ? new Fatal(text) : new Error(text);
  }
  for await (const line of lines(response.body)) {
    const event = JSON.parse(line);
    check(event, last);
    appendFileSync(file, `${line}\n`);
    last = event;
  }
  return last;
}

async function follow(url, token, file) {
  for (let last = resume(file); ; ) {
    const before = last;
    last = await keepPage(url, token, file, last);
    if (last === before) await sleep(1_000);
  }
}

const [url, tokenFile, path] = process.argv.slice(2);
const token = readFileSync(tokenFile, "utf8").trim();
const file = openSync(path, "a+");
for (;;) {
  try {
    await follow(url, token, file);
  } catch (error) {
    if (error instanceof Fatal) throw error;
    console.error(error.message);
    await sleep(1_000);
  }
}
