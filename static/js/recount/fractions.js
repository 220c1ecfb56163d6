/* Exact numbers: fractions of BigInts, always in lowest terms. */

import { expect } from './wrong.js';

const EXACT = /^(-?[0-9]{1,30})(?:\/([1-9][0-9]{0,29})|\.([0-9]{1,30}))?$/;

function divisor(a, b) {
  if (a < 0n) { a = -a; }
  while (b) { [a, b] = [b, a % b]; }
  return a;
}

export class Fraction {
  /* `over` is more than nothing. */
  constructor(top, over = 1n) {
    const shared = over === 1n ? 1n : divisor(top, over);
    this.top = shared === 1n ? top : top / shared;
    this.over = shared === 1n ? over : over / shared;
  }

  plus(other) {
    return this.over === other.over
      ? new Fraction(this.top + other.top, this.over)
      : new Fraction(this.top * other.over + other.top * this.over, this.over * other.over);
  }

  minus(other) { return this.plus(new Fraction(-other.top, other.over)); }

  times(other) { return new Fraction(this.top * other.top, this.over * other.over); }

  /* `other` is not nothing. */
  per(other) {
    const sign = other.top < 0n ? -1n : 1n;
    return new Fraction(sign * this.top * other.over, sign * other.top * this.over);
  }

  compare(other) {
    const difference = this.top * other.over - other.top * this.over;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  less(other) { return this.compare(other) < 0; }

  equals(other) { return this.top === other.top && this.over === other.over; }

  get isZero() { return this.top === 0n; }

  /* 4500, 0.5, or 1/3 where no decimal number is exact: as outcome.json has amounts. */
  toString() {
    let top = this.top, over = this.over, places = 0;
    while (over % 2n === 0n || over % 5n === 0n) {
      const next = new Fraction(top * 10n, over);
      [top, over, places] = [next.top, next.over, places + 1];
    }
    if (over !== 1n) { return `${this.top}/${this.over}`; }
    if (!places) { return String(top); }
    const digits = String(top < 0n ? -top : top).padStart(places + 1, '0');
    return `${top < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
  }

  /* As outcome.json has scores: a number when it is whole, else text. */
  toScore() {
    if (this.over !== 1n) { return String(this); }
    return Number.isSafeInteger(Number(this.top)) ? Number(this.top) : this.top;
  }
}

export const NOTHING = new Fraction(0n);

export function fraction(whole) { return new Fraction(BigInt(whole)); }

/* Return the amount or share in a JSON value: a whole number, or text such as 1/3 or 0.5. */
export function exact(value) {
  expect(['number', 'bigint', 'string'].includes(typeof value), 'an amount');
  const found = EXACT.exec(String(value));
  expect(found, 'an amount');
  const [, whole, over, decimals] = found;
  if (decimals === undefined) { return new Fraction(BigInt(whole), BigInt(over ?? 1)); }
  return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

export function total(fractions) {
  return fractions.reduce((sum, each) => sum.plus(each), NOTHING);
}
