/* Ed25519 (RFC 8032): is a signature that of these bytes by this key. Verifying needs no secrets, so this may
   take as long as it takes. */

import { concat } from './bytes.js';

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => { const rest = a % P; return rest < 0n ? rest + P : rest; };

function power(base, exponent) {
  let result = 1n;
  for (base = mod(base); exponent; exponent >>= 1n) {
    if (exponent & 1n) { result = (result * base) % P; }
    base = (base * base) % P;
  }
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

function number(bytes) {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) { value = (value << 8n) | BigInt(bytes[i]); }
  return value;
}

function bytesOf(value, count) {
  return Uint8Array.from({ length: count }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
}

/* A point is [X, Y, Z, T]: x = X/Z, y = Y/Z, xy = T/Z. */
const NEUTRAL = [0n, 1n, 1n, 0n];

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * t1 % P * t2), d = mod(2n * z1 * z2);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

/* Return the point that 32 bytes stand for; null when they stand for none. */
function point(bytes) {
  const coded = number(bytes), sign = coded >> 255n, y = coded & (2n ** 255n - 1n);
  if (y >= P) { return null; }
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  if (mod(v * x * x) !== u) { x = mod(x * ROOT_OF_MINUS_ONE); }
  if (mod(v * x * x) !== u || (x === 0n && sign)) { return null; }
  if ((x & 1n) !== sign) { x = P - x; }
  return [x, y, 1n, mod(x * y)];
}

function encoded([x, y, z]) {
  const inverse = power(z, P - 2n);
  return bytesOf((mod(y * inverse)) | ((mod(x * inverse) & 1n) << 255n), 32);
}

/* Return tables with which a point is multiplied in 64 additions: in row i stand 0 to 15 times 16^i of it. */
function table(start) {
  const rows = [];
  for (let i = 0, base = start; i < 64; i++) {
    const row = [NEUTRAL];
    for (let n = 1; n < 16; n++) { row.push(add(row[n - 1], base)); }
    rows.push(row);
    base = add(row[15], base);
  }
  return rows;
}

function multiply(rows, scalar) {
  let sum = NEUTRAL;
  for (let i = 0; scalar; i++, scalar >>= 4n) { sum = add(sum, rows[i][Number(scalar & 15n)]); }
  return sum;
}

let base = null; // the table of the base point, made when it is first needed

/* Return a function (message, signature) that says whether a signature is by this key of 32 bytes. */
export function verifier(key) {
  const owner = key.length === 32 ? point(key) : null;
  if (!owner) { return () => false; }
  const [x, y, z, t] = owner;
  const rows = table([mod(-x), y, z, mod(-t)]);
  base ??= table(point(bytesOf(mod(4n * power(5n, P - 2n)), 32)));
  return (message, signature) => {
    if (signature.length !== 64) { return false; }
    const first = signature.subarray(0, 32), s = number(signature.subarray(32));
    if (s >= ORDER) { return false; }
    const k = number(sha512(concat(first, key, message))) % ORDER;
    const expected = encoded(add(multiply(base, s), multiply(rows, k)));
    return expected.every((byte, i) => byte === first[i]);
  };
}

export function verify(key, message, signature) { return verifier(key)(message, signature); }

/* SHA-512 (FIPS 180-4). Its constants are the first 64 bits of the fractions of roots of primes. */

const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n++) {
  if (PRIMES.every((prime) => n % prime)) { PRIMES.push(n); }
}

/* Return the first 64 bits after the point of the k-th root of a number. */
function fractionOfRoot(n, k) {
  const scaled = BigInt(n) << (64n * k);
  let low = 0n, high = 1n << 70n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** k <= scaled) { low = middle; } else { high = middle; }
  }
  return low & WORD;
}

const WORD = 2n ** 64n - 1n;
const ROUND = PRIMES.map((prime) => fractionOfRoot(prime, 3n));
const START = PRIMES.slice(0, 8).map((prime) => fractionOfRoot(prime, 2n));
const turn = (word, by) => ((word >> by) | (word << (64n - by))) & WORD;

export function sha512(bytes) {
  const size = (bytes.length + 17 + 127) & ~127, buffer = new Uint8Array(size), view = new DataView(buffer.buffer);
  buffer.set(bytes);
  buffer[bytes.length] = 0x80;
  view.setBigUint64(size - 8, BigInt(bytes.length) * 8n);
  let state = START;
  for (let at = 0; at < size; at += 128) {
    const w = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + 8 * i));
    for (let i = 16; i < 80; i++) {
      const low = turn(w[i - 15], 1n) ^ turn(w[i - 15], 8n) ^ (w[i - 15] >> 7n);
      const high = turn(w[i - 2], 19n) ^ turn(w[i - 2], 61n) ^ (w[i - 2] >> 6n);
      w.push((w[i - 16] + low + w[i - 7] + high) & WORD);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 80; i++) {
      const one = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i];
      const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & WORD, c, b, a, (one + two) & WORD];
    }
    state = [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) & WORD);
  }
  state.forEach((word, i) => view.setBigUint64(8 * i, word));
  return buffer.slice(0, 64);
}
