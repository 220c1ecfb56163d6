/* What life demanded after the freeze: records, each signed and tied to the one before it. */

import { hex, unhex, utf8 } from './bytes.js';
import { withJson } from './files.js';
import { Index } from './index.js';
import { fields, list, matching, moment, oneOf, text, whole, write } from './json.js';
import { sha256 } from './sha256.js';
import { expect, need } from './wrong.js';

const DAY = 86_400_000_000n; // in microseconds
const HOUR = 3_600_000_000n; // more, for when the clock is put back in October
const h = matching(/^[0-9a-f]{64}$/);

/* Letters in a record: at least one, in order, none twice. */
function letters(facts) {
  const found = list(fields(facts, 'letters').letters, h);
  expect(found.length > 0 && found.every((each, at) => !at || found[at - 1] < each), 'letters in order');
  return found;
}

/* How many people each kind asks for, and what it does to the state; each returns nothing, or the key of what is wrong. */
const KINDS = {
  void: {
    people: () => 1,
    apply: (facts, state) => letters(facts).map((letter) => state.void(letter)).find(Boolean),
  },
  replace: {
    people: (facts) => (facts.get('letters').length > 1 ? 2 : 1),
    apply(facts, state) {
      const pairs = list(fields(facts, 'letters').letters, (pair) => list(pair, h));
      expect(pairs.length > 0 && pairs.every((pair) => pair.length === 2), 'pairs');
      const texts = pairs.map((pair) => pair.join());
      expect(texts.every((each, at) => !at || texts[at - 1] < each), 'pairs in order');
      return [...pairs.map(([old]) => state.void(old)), ...pairs.map(([, next]) => state.add(next))].find(Boolean);
    },
  },
  add: {
    people: () => 2,
    apply(facts, state) {
      const added = letters(facts);
      state.sent += added.length;
      return added.map((letter) => state.add(letter)).find(Boolean);
    },
  },
  lengthen: {
    people: () => 2,
    apply(facts, state) {
      const given = fields(facts, 'closes', 'closes_text'), closes = moment(given.closes);
      text(given.closes_text);
      const days = BigInt(state.frozen.lengthen);
      const latest = state.frozen.closes + (days ? days * DAY + HOUR : 0n);
      if (state.lengthened) { return 'lengthened-twice'; }
      if (closes <= state.frozen.closes || closes > latest) { return 'lengthened-too-much'; }
      state.lengthened = true;
      state.closes = closes;
      return undefined;
    },
  },
  withdraw: { people: () => 2, apply: (facts, state) => { fields(facts); state.withdrawn = 'withdraw'; } },
  restart: { people: () => 2, apply: (facts, state) => { fields(facts); state.withdrawn = 'restart'; } },
  contest: {
    people: () => 1,
    apply(facts, state) {
      const contested = letters(facts);
      contested.forEach((letter) => state.contested.add(letter));
      return contested.every((letter) => state.good(letter)) ? undefined : 'record-letter';
    },
  },
  restored: {
    people: () => 2,
    apply: (facts, state) => { state.missing += whole(fields(facts, 'missing').missing); },
  },
};
const AFTER_CLOSE = ['contest', 'restored'];

/* Which letters count, until when, and what else the records came to. */
class State {
  constructor(definition) {
    this.frozen = definition;
    this.closes = definition.closes;
    this.lengthened = false;
    this.withdrawn = null; // or the kind of the record that says so
    this.letters = new Index(definition.letters.length); // every letter there ever was
    this.gone = new Set(); // the numbers there of those that are void
    for (const letter of definition.letters) { this.add(letter); }
    this.sent = definition.letters.length; // one for each address: a replacement is not one more
    this.contested = new Set();
    this.missing = 0; // used letters that a restored backup had lost
    this.hashes = [];
  }

  /* Return the number of a letter, given in hexadecimal; -1 when it is not listed. */
  number(letter) { return this.letters.find(unhex(letter, 32)); }

  /* Say whether a letter is listed and not void. */
  good(letter) {
    const number = this.number(letter);
    return number >= 0 && !this.gone.has(number);
  }

  void(letter) {
    if (!this.good(letter) || this.contested.has(letter)) { return 'record-letter'; } // a contested one was used
    this.gone.add(this.number(letter));
    return undefined;
  }

  add(letter) {
    return this.letters.add(unhex(letter, 32)) < 0 ? 'record-new-letter' : undefined;
  }
}

/* Check every record and apply it; return the state that they lead to. */
export function readRecords(files, definition, say) {
  return withJson(files, 'records.json', (value) => {
    const state = new State(definition);
    let before = definition.hash;
    list(value).forEach((item, index) => {
      const number = index + 1, { record, signature } = fields(item, 'record', 'signature');
      const bytes = utf8(write(record));
      const signed = definition.signedByBoard(bytes, unhex(text(signature), 64) ?? new Uint8Array(0));
      need(signed, 'record-signature', { number });
      const given = fields(record, 'number', 'previous', 'kind', 'facts', 'reason', 'people', 'at');
      need(given.number === number && given.previous === before, 'record-order', { number });
      need(Object.hasOwn(KINDS, given.kind), 'record-kind', { number, kind: String(given.kind) });
      need(!state.withdrawn, 'record-after-withdrawal', { number });
      need(text(given.reason).trim() !== '', 'record-reason', { number });
      const early = AFTER_CLOSE.includes(given.kind) || moment(given.at) < state.closes;
      need(early && moment(given.at) !== null, 'record-late', { number });
      const problem = KINDS[given.kind].apply(given.facts, state);
      need(!problem, problem, { number });
      need(oneOf(given.people, 1, 2) >= KINDS[given.kind].people(given.facts), 'record-people', { number });
      before = hex(sha256(bytes));
      state.hashes.push(before);
    });
    say('good', 'records', { number: state.hashes.length, letters: state.letters.size - state.gone.size });
    return state;
  });
}
