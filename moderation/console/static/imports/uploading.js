// Sends files in parts, one after another, and goes on where the service has got.

import { call, Refused } from "../shared/api.js";
import { pause } from "../shared/follower.js";
import { path } from "../shared/site.js";

const PAUSE_MS = 1000; // before a part that was lost is sent again, and twice as long next
const MAX_FAILURES = 8; // in a row: some four minutes
const PART_TIMEOUT_MS = 60_000;

export class Stopped extends Error {}

const isSame = (file, { name, size }) => file.name === name && file.size === size;

// Returns the import in which these files were begun to be uploaded, or a new one.
async function importOf(files, imports) {
  const begun = imports.find(
    (each) =>
      each.expires_at &&
      !each.check &&
      each.files.length === files.length &&
      each.files.every((stored, index) => isSame(files[index], stored)),
  );
  const listed = files.map(({ name, size }) => ({ name, size }));
  return begun ?? call("POST", path("/imports"), { files: listed });
}

// Sends the next part of a file and returns the import. A part whose answer is lost may
// have arrived: what is received is read again before the next attempt.
async function sendPart(current, number, file, size) {
  const address = path(`/imports/${current.id}`);
  let known = current;
  for (let failureCount = 0; ; failureCount += 1) {
    const offset = known.files[number].received;
    if (offset >= file.size) return known;
    try {
      const part = file.slice(offset, offset + size);
      return await call("PUT", `${address}/files/${number}?offset=${offset}`, part, { timeoutMs: PART_TIMEOUT_MS });
    } catch (error) {
      const isOutOfStep = error instanceof Refused && error.status === 409;
      if ((error instanceof Refused && !isOutOfStep) || failureCount >= MAX_FAILURES) throw error;
      await pause(PAUSE_MS * 2 ** failureCount);
      known = await call("GET", address).catch(() => known);
      if (!known.expires_at) throw error; // deleted meanwhile
    }
  }
}

// Uploads files and returns their import; `onProgress` is called with bytes sent and in
// all, `isStopped` tells whether to end with `Stopped`.
export async function uploadAll(files, { imports, partBytes, onProgress, isStopped }) {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let current = await importOf(files, imports);
  for (const [number, file] of files.entries()) {
    while (current.files[number].received < file.size) {
      if (isStopped()) throw new Stopped();
      onProgress(current.files.reduce((sum, { received }) => sum + received, 0), total);
      current = await sendPart(current, number, file, partBytes);
    }
  }
  onProgress(total, total);
  return current;
}
