/* Canonical JSON: read only what is written in its one form, and write it.

   An object is a Map, so that a key such as __proto__ is a key like any other. A number is whole: a BigInt
   where a Number would round it. What is not of the form asked for is Misplaced. */

import { byCodePoint, textOf } from './bytes.js';
import { expect } from './wrong.js';

const DEEPEST = 100;
const SHORT = { '"': '"', '\\': '\\', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export function parse(bytes) {
  const source = textOf(bytes);
  expect(source !== null, 'no text');
  const plain = /[^"\\\u0000-\u001f]*/y, number = /-?(?:0|[1-9][0-9]{0,29})(?![0-9.eE])/y;
  const control = /u00(0[0-7bef]|1[0-9a-f])/y; // of control signs that have no short escape
  let at = 0;

  function take(sign) {
    expect(source[at] === sign, sign);
    at++;
  }

  function string() {
    take('"');
    let found = '';
    for (;;) {
      plain.lastIndex = at;
      found += plain.exec(source)[0];
      at = plain.lastIndex;
      if (source[at] === '"') { at++; return found; }
      take('\\');
      if (Object.hasOwn(SHORT, source[at])) {
        found += SHORT[source[at++]];
      } else {
        control.lastIndex = at;
        const code = control.exec(source);
        expect(code, 'an escape');
        found += String.fromCharCode(parseInt(code[1], 16));
        at = control.lastIndex;
      }
    }
  }

  function items(close, each) {
    at++;
    if (source[at] === close) { at++; return; }
    for (;;) {
      each();
      if (source[at] === close) { at++; return; }
      take(',');
    }
  }

  function value(depth) {
    expect(depth < DEEPEST, 'too deep');
    const sign = source[at];
    if (sign === '"') { return string(); }
    if (sign === '[') {
      const list = [];
      items(']', () => { list.push(value(depth + 1)); });
      return list;
    }
    if (sign === '{') {
      const map = new Map();
      let before = null;
      items('}', () => {
        const key = string();
        expect(before === null || byCodePoint(before, key) < 0, 'keys in order');
        take(':');
        map.set(key, value(depth + 1));
        before = key;
      });
      return map;
    }
    for (const [word, meant] of [['true', true], ['false', false], ['null', null]]) {
      if (source.startsWith(word, at)) { at += word.length; return meant; }
    }
    number.lastIndex = at;
    const digits = number.exec(source)?.[0];
    expect(digits !== undefined && digits !== '-0', 'a number');
    at = number.lastIndex;
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
  }

  const all = value(0);
  expect(at === source.length, 'the end');
  return all;
}

/* Return the canonical text of a value. */
export function write(value) {
  if (typeof value === 'string') { return JSON.stringify(value); }
  if (Array.isArray(value)) { return `[${value.map(write).join(',')}]`; }
  if (value instanceof Map) {
    const keys = [...value.keys()].sort(byCodePoint);
    return `{${keys.map((key) => `${write(key)}:${write(value.get(key))}`).join(',')}}`;
  }
  return String(value);
}

/* The readers below return the value when it has the form that their name says. */

export function map(value) {
  expect(value instanceof Map, 'a map');
  return value;
}

/* Exactly these keys; returns an object of them. */
export function fields(value, ...keys) {
  expect(map(value).size === keys.length, 'its keys');
  return Object.fromEntries(keys.map((key) => {
    expect(value.has(key), key);
    return [key, value.get(key)];
  }));
}

export function list(value, each = (item) => item) {
  expect(Array.isArray(value), 'a list');
  return value.map(each);
}

export function text(value) {
  expect(typeof value === 'string', 'a text');
  return value;
}

export function matching(pattern) {
  return (value) => {
    expect(pattern.test(text(value)), String(pattern));
    return value;
  };
}

export function whole(value, least = 0, most = Number.MAX_SAFE_INTEGER) {
  expect(Number.isSafeInteger(value) && value >= least && value <= most, 'a whole number');
  return value;
}

export function oneOf(value, ...choices) {
  expect(choices.includes(value), 'a known value');
  return value;
}

/* Return a moment in UTC, in microseconds since 1970. */
export function moment(value) {
  const at = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{6}))?\+00:00$/.exec(text(value));
  const seconds = at && Date.parse(`${at[1]}Z`);
  expect(at && !Number.isNaN(seconds) && new Date(seconds).toISOString().startsWith(at[1]), 'a moment');
  return BigInt(seconds) * 1000n + BigInt(at[2] ?? 0);
}
