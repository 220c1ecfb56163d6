/* Bytes: hexadecimal, base64, the alphabet people read, and the H of the protocol. */

import { sha256 } from './sha256.js';

export const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const DIGIT = Array.from('0123456789abcdef', (sign) => sign.charCodeAt(0));
const written = Array(64).fill(0);
const NIBBLE = new Int8Array(128).fill(-1);
DIGIT.forEach((sign, value) => { NIBBLE[sign] = value; });

const encoder = new TextEncoder(), decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function utf8(text) { return encoder.encode(text); }

/* Return the text of UTF-8 bytes; null when they are none. */
export function textOf(bytes) {
  try { return decoder.decode(bytes); } catch { return null; }
}

export function hex(bytes) {
  if (bytes.length !== 32) { return Array.from(bytes, (byte) => HEX[byte]).join(''); }
  for (let i = 0; i < 32; i++) { // of hashes there are so many that it matters how they are written
    written[2 * i] = DIGIT[bytes[i] >> 4];
    written[2 * i + 1] = DIGIT[bytes[i] & 15];
  }
  return String.fromCharCode.apply(null, written);
}

/* Read `length` bytes of lower-case hexadecimal in a text into `out`; false when that is not what stands there. */
export function readHex(text, from, length, out, at = 0) {
  if (text.length < from + 2 * length) { return false; }
  let wrong = 0;
  for (let i = 0; i < length; i++, from += 2) {
    const high = text.charCodeAt(from), low = text.charCodeAt(from + 1);
    if ((high | low) > 127) { return false; }
    const byte = (NIBBLE[high] << 4) | NIBBLE[low];
    wrong |= byte;
    out[at + i] = byte;
  }
  return wrong >= 0;
}

/* Return the bytes of a text of exactly so many bytes in lower-case hexadecimal; null for any other text. */
export function unhex(text, length = text.length / 2) {
  const bytes = new Uint8Array(Math.floor(length));
  return text.length === 2 * length && readHex(text, 0, length, bytes) ? bytes : null;
}

export function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/* Return the bytes of base64 in its one form; null for any other text. */
export function unbase64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    return base64(bytes) === text ? bytes : null;
  } catch { return null; }
}

export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
}

export function same(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/* Return what H(a, b, ...) is the SHA-256 of: of each part its length as 4 bytes, and the part. */
export function packed(...parts) {
  return concat(...parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? utf8(part) : part;
    return [be32(bytes.length), bytes];
  }));
}

export function be32(number) {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

export function H(...parts) { return sha256(packed(...parts)); }

export function groups(text) {
  return text.match(/.{1,4}/gs)?.join(' ') ?? '';
}

const SYMBOLS = Array.from(ALPHABET, (sign) => sign.charCodeAt(0));

/* Return the number of a symbol: five bits, `place` symbols from the start. */
function symbol(bytes, place) {
  const bit = 5 * place, at = bit >> 3;
  return (((bytes[at] << 8) | bytes[at + 1]) >> (11 - (bit & 7))) & 31;
}

/* Return the control code of a commitment: 80 bits in four groups of four. */
export function controlCode(commitment) {
  return groups(Array.from({ length: 16 }, (_, place) => ALPHABET[symbol(commitment, place)]).join(''));
}

/* Say whether the control code of a commitment stands in a text, `from` on. */
export function hasControlCode(text, from, commitment) {
  for (let place = 0; place < 16; place++) {
    const at = from + place + (place >> 2);
    if (text.charCodeAt(at) !== SYMBOLS[symbol(commitment, place)]) { return false; }
    if (place % 4 === 3 && place < 15 && text[at + 1] !== ' ') { return false; }
  }
  return true;
}

/* Order two texts by code point, which is the order of their UTF-8 bytes. */
export function byCodePoint(one, other) {
  for (let at = 0; ; at++) {
    const a = one.codePointAt(at), b = other.codePointAt(at);
    if (a !== b || a === undefined) { return (a ?? -1) - (b ?? -1); }
  }
}
