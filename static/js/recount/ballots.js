/* Which letters were used, and what was voted: each is remade from what was revealed of it. */

import { hasControlCode, packed, readHex, utf8 } from './bytes.js';
import { table, withJson } from './files.js';
import { fields, whole } from './json.js';
import { UNUSABLE, length, problem } from './paper.js';
import { hashPadded, pad, padded } from './sha256.js';
import { Wrong, need } from './wrong.js';

/* Return the numbers of letters.json; they add up, and are those of the letters and records. */
export function checkLetters(files, state, say) {
  const numbers = withJson(files, 'letters.json', (value) => {
    const given = fields(value, 'issued', 'used', 'open', 'void', 'web', 'paper');
    Object.values(given).forEach((number) => whole(number));
    return given;
  });
  const { issued, used, open, void: gone, web, paper } = numbers;
  need(issued === state.letters.size, 'letters-issued', { stated: issued, found: state.letters.size });
  need(used === web + paper, 'letters-used', numbers);
  need(issued === used + open + gone, 'letters-sum', numbers);
  const expected = state.withdrawn ? issued - used : state.gone.size;
  need(gone === expected, 'letters-void', { stated: gone, found: expected });
  say('good', 'letters', numbers);
  return numbers;
}

/* Every used letter was listed and is not void, none counts twice, and the numbers agree. */
export function checkRedemptions(files, definition, state, numbers, say) {
  const name = 'redemptions.csv', lines = table(files, name, 'p;channel');
  const { buffer, size, at } = template(packed('brief', definition.poll), 32, new Uint8Array(0));
  const found = { web: 0, paper: 0 }, used = new Uint8Array(state.letters.size), digest = new Uint8Array(32);
  lines.forEach((line, index) => {
    const channel = line.slice(65), number = index + 2;
    if (line[64] !== ';' || !Object.hasOwn(found, channel) || !readHex(line, 0, 32, buffer, at)) {
      throw new Wrong('line', { name, line: number });
    }
    const letter = state.letters.find(hashPadded(buffer, size, digest));
    if (letter < 0) { throw new Wrong('letter-unknown', { name, line: number }); }
    if (state.gone.has(letter)) { throw new Wrong('letter-void', { name, line: number }); }
    if (used[letter]++) { throw new Wrong('letter-twice', { name, line: number }); }
    found[channel]++;
  });
  need(found.web === numbers.web && found.paper === numbers.paper, 'redemptions-number');
  for (const letter of state.contested) { need(used[state.number(letter)], 'contested-unused'); }
  say('good', 'redemptions', { number: lines.length });
}

/* Return a message with its padding, in which the `room` bytes after `head` and its length are still to be written. */
function template(head, room, tail) {
  const at = head.length + 4, length = at + room + tail.length, buffer = new Uint8Array(padded(length));
  buffer.set(head);
  buffer[at - 1] = room;
  buffer.set(tail, at + room);
  pad(buffer, length);
  return { buffer, size: buffer.length, at };
}

/* Remake every commitment; return for each question how often each marking was given.

   What is hashed before r_q is the same for a question, and what is hashed after it for a marking, so there is one
   prepared message for each marking. */
function readOpenings(files, definition, board, say) {
  const name = 'openings.csv', lines = table(files, name, 'question;control;commitment;r_q;marking');
  const papers = new Map(definition.questions.map((question) => [String(question.number), { question, known: new Map() }]));
  const commitment = new Uint8Array(32), digest = new Uint8Array(32), codes = new Codes(papers.size > 1);
  lines.forEach((line, index) => {
    if (index % 10_000 === 0) { say('progress', 'ballots', { done: index, of: lines.length }); }
    const wrong = (key, values = {}) => new Wrong(key, { name, line: index + 2, ...values });
    const cut = line.indexOf(';'), number = line.slice(0, cut), paper = papers.get(number);
    const [control, hash, secret, end] = [cut + 1, cut + 21, cut + 86, cut + 150];
    const cells = line[hash - 1] === ';' && line[secret - 1] === ';' && line[end] === ';';
    if (!paper || !cells || !readHex(line, hash, 32, commitment)) { throw wrong('line'); }
    const marking = line.slice(end + 1);
    let given = paper.known.get(marking);
    if (!given) {
      given = prepared(definition.poll, paper.question, marking, wrong);
      paper.known.set(marking, given);
    }
    if (!readHex(line, secret, 32, given.buffer, given.at)) { throw wrong('line'); }
    hashPadded(given.buffer, given.size, digest);
    for (let i = 0; i < 32; i++) { if (digest[i] !== commitment[i]) { throw wrong('commitment'); } }
    if (!hasControlCode(line, control, digest)) { throw wrong('control'); }
    if (board.questionOf(digest) !== paper.question.number) { throw wrong('not-on-the-board'); }
    if (codes.met(line.slice(control, control + 19))) { throw wrong('control-twice'); }
    given.number++;
  });
  need(lines.length === board.size, 'board-more', { board: board.size, found: lines.length });
  say('good', 'openings', { number: lines.length });
  return [...papers.values()].map(({ known }) => new Map([...known].map(([marking, { number }]) => [marking, number])));
}

/* Control codes that come in order. Of one question equal ones are neighbours; of several all are kept in mind. */
class Codes {
  #last = '';
  #all;

  constructor(several) { this.#all = several ? new Set() : null; }

  /* Say whether a code was met before. */
  met(code) {
    const before = this.#all ? this.#all.has(code) : this.#last === code;
    this.#all?.add(code);
    this.#last = code;
    return before;
  }
}

function prepared(poll, question, marking, wrong) {
  const key = problem(question, marking);
  if (key) { throw wrong(key); }
  const text = utf8(marking.padEnd(length(question)));
  const tail = packed(text);
  return { ...template(packed('stem', poll, String(question.number)), 32, tail), number: 0 };
}

/* Return for each question how often each marking stands on paper, and how many papers cannot be counted. */
function readPaper(files, definition) {
  const found = definition.questions.map(() => ({ box: new Map(), unusable: 0 })), name = 'paper.csv';
  if (!files.has(name)) { return found; }
  const lines = table(files, name, 'question;marking;number');
  need(lines.length, 'empty', { name });
  lines.forEach((line, index) => {
    const wrong = (key) => new Wrong(key, { name, line: index + 2 });
    const cells = line.split(';'), question = definition.questions.find((each) => String(each.number) === cells[0]);
    if (!question || cells.length !== 3 || !/^[1-9][0-9]{0,8}$/.test(cells[2])) { throw wrong('line'); }
    const here = found[question.number - 1], [, marking, number] = cells;
    const key = marking === UNUSABLE ? null : problem(question, marking);
    if (key) { throw wrong(key); }
    if (here.box.has(marking)) { throw wrong('paper-twice'); }
    here.box.set(marking, Number(number));
  });
  for (const each of found) {
    each.unusable = each.box.get(UNUSABLE) ?? 0;
    each.box.delete(UNUSABLE);
  }
  return found;
}

/* Return for each question its boxes: by channel, how often each marking was given.

   Where paper or the others were fewer than the floor, the papers stand among the answers, so that nobody can see
   apart what those few chose. */
export function readBallots(files, definition, board, numbers, say) {
  const { web, paper } = numbers, apart = Math.min(web, paper) >= definition.floor;
  const answers = readOpenings(files, definition, board, say), papers = readPaper(files, definition);
  const sum = (box) => [...box.values()].reduce((all, number) => all + number, 0);
  let missing = 0;
  const boxes = definition.questions.map(({ number }, at) => {
    const { box, unusable } = papers[at];
    const expected = apart ? web : web + paper - unusable;
    need(unusable <= paper && sum(answers[at]) === expected, 'answers-number', { question: number, found: sum(answers[at]), expected });
    const onPaper = apart ? paper - unusable : 0;
    need(sum(box) === onPaper, 'papers-number', { question: number, found: sum(box), expected: onPaper });
    missing += unusable;
    return new Map(box.size ? [['web', answers[at]], ['paper', box]] : [['web', answers[at]]]);
  });
  say('good', 'numbers', {});
  if (missing) { say('note', 'unusable', { number: missing }); }
  return boxes;
}

/* Where no answers are published: there are as many commitments as votes, but for papers that may be unusable. Of a
   withdrawn poll only those that were on the board before are there, as many for each question. */
export function checkUnopened(board, numbers, withdrawn) {
  board.leaves.forEach((found, at) => {
    const right = withdrawn
      ? found === board.leaves[0] && found <= numbers.web
      : found >= numbers.web && found <= numbers.used;
    need(right, 'answers-number', { question: at + 1, found, expected: withdrawn ? board.leaves[0] : numbers.used });
  });
}
