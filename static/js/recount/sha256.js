/* SHA-256 (FIPS 180-4), written for very many short messages: crypto.subtle answers each one later, which
   takes far longer than the hash itself. */

const ROUND = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START = new Int32Array([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const words = new Int32Array(64);
const state = new Int32Array(8);

/* Mix 64 bytes, from `at` on, into the state. */
function block(bytes, at) {
  const w = words, k = ROUND;
  for (let i = 0; i < 16; i++, at += 4) {
    w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2];
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + low + w[i - 7] + high) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const choice = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + choice + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
    const sum = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (sum + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

/* Return how many bytes a message of this length takes with its padding. */
export function padded(length) {
  return (length + 9 + 63) & ~63;
}

/* Write the padding of a message behind it. The buffer must have room for `padded(length)` bytes. */
export function pad(buffer, length) {
  const end = padded(length);
  buffer.fill(0, length, end);
  buffer[length] = 0x80;
  new DataView(buffer.buffer, buffer.byteOffset).setUint32(end - 8, Math.floor(length / 0x20000000));
  new DataView(buffer.buffer, buffer.byteOffset).setUint32(end - 4, (length << 3) >>> 0);
}

/* Hash a message that has its padding already (`size` bytes in all); put the 32 bytes in `out`, from `at` on. */
export function hashPadded(buffer, size, out, at = 0) {
  state.set(START);
  for (let from = 0; from < size; from += 64) { block(buffer, from); }
  for (let i = 0; i < 8; i++, at += 4) {
    const word = state[i];
    out[at] = word >>> 24; out[at + 1] = word >>> 16; out[at + 2] = word >>> 8; out[at + 3] = word;
  }
  return out;
}

/* Return the SHA-256 of some bytes. */
export function sha256(bytes) {
  const buffer = new Uint8Array(padded(bytes.length));
  buffer.set(bytes);
  pad(buffer, bytes.length);
  return hashPadded(buffer, buffer.length, new Uint8Array(32));
}

/* Return the SHA-256 of a whole file: by the browser itself where it lets us, for large files are its strength. */
export async function sha256File(bytes) {
  if (!globalThis.crypto?.subtle) { return sha256(bytes); }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
