// Solves a challenge in a worker: of so many numbers, the one whose SHA-256 together with the challenge's text is known. SHA-256 is
// computed here, since browsers offer their own on https pages only, and slower for many short texts.
"use strict";

// The constants are the first 32 bits behind the point of the roots of the first primes.
const primes = [];
for (let number = 2; primes.length < 64; number += 1) {
  if (primes.every((prime) => number % prime !== 0)) primes.push(number);
}
const behindThePoint = (root) => ((root % 1) * 2 ** 32) | 0;
const ROUNDS = Int32Array.from(primes, (prime) => behindThePoint(Math.cbrt(prime)));
const START = Int32Array.from(primes.slice(0, 8), (prime) => behindThePoint(Math.sqrt(prime)));
const words = new Int32Array(64);

// The words of the message's only block: at most 55 characters of ASCII, a bit that ends them, and their length in bits.
const pad = (message) => {
  words.fill(0, 0, 16);
  for (let at = 0; at < message.length; at += 1) words[at >> 2] |= message.charCodeAt(at) << (24 - 8 * (at & 3));
  words[message.length >> 2] |= 0x80 << (24 - 8 * (message.length & 3));
  words[15] = 8 * message.length;
};

const turn = (word, by) => (word >>> by) | (word << (32 - by));

const hasDigest = (message, digest) => {
  pad(message);
  for (let at = 16; at < 64; at += 1) {
    const near = words[at - 2];
    const far = words[at - 15];
    const mixed = (turn(far, 7) ^ turn(far, 18) ^ (far >>> 3)) + (turn(near, 17) ^ turn(near, 19) ^ (near >>> 10));
    words[at] = (words[at - 16] + words[at - 7] + mixed) | 0;
  }
  let a = START[0], b = START[1], c = START[2], d = START[3], e = START[4], f = START[5], g = START[6], h = START[7];
  for (let at = 0; at < 64; at += 1) {
    const chosen = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + ROUNDS[at] + words[at]) | 0;
    const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  // Nearly every number is wrong in the first word already.
  if (((a + START[0]) | 0) !== digest[0]) return false;
  return [a, b, c, d, e, f, g, h].every((word, at) => ((word + START[at]) | 0) === digest[at]);
};

addEventListener("message", ({ data: { text, hash, numbers } }) => {
  const digest = Int32Array.from(hash.match(/.{8}/g), (digits) => parseInt(digits, 16) | 0);
  let number = 0;
  while (number < numbers && !hasDigest(`${text}:${number}`, digest)) number += 1;
  postMessage(number < numbers ? String(number) : "");
});
