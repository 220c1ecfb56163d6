/* What people type: the code of a letter, and a control code. */

import { ALPHABET, H, groups } from './bytes.js';

const LENGTH = 20, CONTROL = 16;

/* GF(32) with x^5 = x^2 + 1: the powers of x, twice over, and their logarithms. */
const POWERS = [1];
while (POWERS.length < 62) {
  const next = POWERS.at(-1) << 1;
  POWERS.push(next & 32 ? next ^ 0b100101 : next);
}
const LOG = new Map(POWERS.slice(0, 31).map((power, log) => [power, log]));

/* Return the code word as a polynomial at x^root. */
function valueAt(symbols, root) {
  return symbols.reduce((sum, symbol) => (sum ? POWERS[LOG.get(sum) + root] : 0) ^ symbol, 0);
}

/* Return what a hand typed in the one form: upper case, without what stands before a # and without separators. */
function plain(typed) {
  const text = typed.slice(typed.lastIndexOf('#') + 1).replace(/[\s\-–—.·_]/gu, '').toUpperCase();
  return text.replaceAll('O', '0').replace(/[IL]/g, '1');
}

/* Read a code of a letter. Returns { code }, or { problem, values }: the key of a sentence, and what it says. */
export function readCode(typed) {
  const text = plain(typed), signs = [...text], strange = signs.findIndex((sign) => !ALPHABET.includes(sign));
  if (strange >= 0) {
    return { problem: 'code-sign', values: { sign: signs[strange], group: Math.min(Math.floor(strange / 4) + 1, 5) } };
  }
  if (text.length !== LENGTH) { return { problem: 'code-length', values: { typed: text.length } }; }
  const symbols = signs.map((sign) => ALPHABET.indexOf(sign)), one = valueAt(symbols, 1), two = valueAt(symbols, 2);
  if (!one && !two) { return { code: text }; }
  const power = one && two ? (LOG.get(two) - LOG.get(one) + 31) % 31 : LENGTH;
  if (power >= LENGTH) { return { problem: 'code-typos', values: {} }; }
  return { problem: 'code-typo', values: { group: Math.floor((LENGTH - 1 - power) / 4) + 1 } };
}

/* Read a control code. Returns { code } in groups of four, or { problem, values }. */
export function readControl(typed) {
  const text = plain(typed), strange = [...text].find((sign) => !ALPHABET.includes(sign));
  if (strange !== undefined) { return { problem: 'control-sign', values: { sign: strange } }; }
  if (text.length !== CONTROL) { return { problem: 'control-length', values: { typed: text.length } }; }
  return { code: groups(text) };
}

/* Return p, which only the holder of a code can make, and h, under which the letter is listed. */
export function proofs(poll, code) {
  const p = H('inwissel', poll, code);
  return { p, h: H('brief', poll, p) };
}
