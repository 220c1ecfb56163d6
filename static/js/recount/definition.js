/* What was asked, of whom, by which rules and when, as it was frozen; and by which code it is known. */

import { groups, hex, readHex, textOf, unhex } from './bytes.js';
import { withJson } from './files.js';
import { NOTHING, exact, fraction, total } from './fractions.js';
import { fields, list, map, matching, moment, oneOf, text, whole } from './json.js';
import { BLANK, UNUSABLE } from './paper.js';
import { sha256 } from './sha256.js';
import { verifier } from './signatures.js';
import { expect, need } from './wrong.js';

const digest = new Uint8Array(32);
const KEY = (value) => {
  expect(text(value).length === 64 && readHex(value, 0, 32, digest), '32 bytes');
  return value;
};
const TERMS = [
  'title', 'summary', 'texts', 'about', 'questions', 'rules', 'opens', 'closes', 'closes_text', 'floor', 'custody',
  'lengthen',
];
const QUESTION = [
  'text', 'kind', 'options', 'least', 'most', 'theme_most', 'budget', 'theme_budget', 'points', 'shuffled',
];
const QUORUM = {
  quorum: ['none', 'turnout', 'in-favour'], quorum_share: exact, blank_in_turnout: [true, false],
  missed_quorum: ['bars', 'reasons'],
};
const tieOrder = (value) => list(value, (key) => oneOf(key, 'lower-cost', 'more-votes', 'paper-order'));

/* The fields of every rule: each a list of the values it may have, or what reads it. */
const RULES = {
  majority: {
    majority: ['simple', 'absolute', 'two-thirds'], base: ['votes', 'letters'], blank_in_majority: [true, false],
    ...QUORUM,
  },
  plurality: { tie_order: tieOrder, ...QUORUM },
  greedy: {
    budget: amount, theme_caps: amounts, place_caps: amounts, leftover: ['none', 'more', 'part'],
    tie_order: tieOrder, skip: [true, false], threshold: exact,
  },
  'equal-shares': {
    budget: amount, utility: ['cost', 'number'], completion: ['none', 'add1', 'add1u'], step: amount,
    tie_order: tieOrder,
  },
  ranked: { method: ['run-off', 'schulze'], tie_order: tieOrder },
  weighed: { rule: readRule, channels: readChannels },
};
const FITS = {
  'yes-no': ['majority'],
  'choose-one': ['plurality', 'greedy', 'equal-shares'],
  approve: ['plurality', 'greedy', 'equal-shares'],
  basket: ['greedy', 'equal-shares'],
  points: ['plurality', 'greedy'],
  ranking: ['plurality', 'greedy', 'ranked'],
};

function amount(value) {
  const money = exact(value);
  expect(!money.less(NOTHING), 'an amount of money');
  return money;
}

function amounts(value) {
  return new Map([...map(value)].map(([name, each]) => [name, amount(each)]));
}

function readRule(value) {
  const name = oneOf(map(value).get('name'), ...Object.keys(RULES)), form = RULES[name];
  const given = fields(value, 'name', ...Object.keys(form));
  const rule = { name };
  for (const [key, reads] of Object.entries(form)) {
    rule[key] = Array.isArray(reads) ? oneOf(given[key], ...reads) : reads(given[key]);
  }
  expect(name !== 'greedy' || rule.skip || rule.leftover !== 'more', 'a rule that can be');
  expect(name !== 'equal-shares' || !rule.step.isZero, 'a step');
  expect(name !== 'weighed' || ['plurality', 'greedy'].includes(rule.rule.name), 'scores that are compared');
  return rule;
}

function readChannels(value) {
  const { weights, part } = fields(value, 'weights', 'part');
  const read = amounts(weights);
  const sum = total([...read.values()]);
  expect([...read.values()].every((weight) => !weight.isZero) && sum.equals(fraction(1)), 'weights');
  expect(read.size === 2 && read.has('web') && read.has('paper'), 'the channels');
  return { weights: read, part: oneOf(part, 'ballots', 'votes') };
}

function readOption(value) {
  const given = fields(value, 'id', 'label', 'cost', 'theme', 'place');
  const id = matching(/^[A-Za-z0-9/_.-]{1,40}$/)(given.id);
  expect(id !== BLANK && id !== UNUSABLE, 'an option');
  return { id, label: text(given.label), cost: amount(given.cost), theme: text(given.theme), place: text(given.place) };
}

function readQuestion(value, index) {
  const given = fields(value, ...QUESTION);
  const kind = oneOf(given.kind, ...Object.keys(FITS));
  const options = list(given.options, readOption), ids = options.map((option) => option.id);
  const most = whole(given.most, 0, ids.length);
  expect(kind !== 'yes-no' || ids.join() === 'voor,tegen', 'voor and tegen');
  expect((kind !== 'yes-no' && kind !== 'choose-one') || most === 1, 'one answer');
  const question = {
    number: index + 1, text: text(given.text), kind, options, ids,
    byId: new Map(options.map((option) => [option.id, option])),
    place: new Map(ids.map((id, at) => [id, at])),
    least: whole(given.least, 0, most), most,
    themeMost: new Map([...map(given.theme_most)].map(([theme, number]) => [theme, whole(number)])),
    budget: given.budget === null ? null : amount(given.budget), themeBudget: amounts(given.theme_budget),
    points: given.points === null ? null : fields(given.points, 'sum', 'least', 'each'),
    shuffled: oneOf(given.shuffled, true, false),
  };
  expect(question.byId.size === ids.length, 'options that differ');
  expect((kind === 'points') === (question.points !== null), 'points');
  if (question.points) { Object.values(question.points).forEach((each) => whole(each, 1, 999_999_999)); }
  return question;
}

/* Return the definition in these files. `onLetter` is its hash as it stands on a letter, or null. */
export function readDefinition(files, onLetter, say) {
  const definition = withJson(files, 'definition.json', read);
  const bytes = files.get('definition.json');
  definition.hash = hex(sha256(bytes));
  const line = textOf(files.get('definition.sha256') ?? new Uint8Array(0));
  need(line === `${definition.hash}  definition.json\n`, 'definition-hash');
  const shown = { title: definition.title, hash: groups(definition.hash) };
  need(onLetter === null || onLetter === definition.hash, 'hash-on-letter', shown);
  say('note', 'poll', shown);
  say(onLetter === null ? 'note' : 'good', onLetter === null ? 'no-hash' : 'hash', shown);
  return definition;
}

function read(value) {
  const given = fields(value, 'protocol', 'poll', 'letters', 'keys', 'terms');
  need(given.protocol === 'wijkstem/1', 'protocol', { protocol: String(given.protocol) });
  const keys = fields(given.keys, 'poll', 'board', 'receipt'), terms = fields(given.terms, ...TERMS);
  Object.values(keys).forEach(KEY);
  const letters = list(given.letters, KEY);
  expect(letters.every((letter, at) => !at || letters[at - 1] < letter), 'letters in order, each once');
  const questions = list(terms.questions, readQuestion), rules = list(terms.rules, readRule);
  expect(questions.length > 0 && questions.length < 256 && questions.length === rules.length, 'a rule a question');
  questions.forEach(({ kind }, at) => {
    const chooses = rules[at].name === 'weighed' ? rules[at].rule : rules[at];
    expect(FITS[kind].includes(chooses.name), 'a rule that can count this');
  });
  list(terms.summary, text);
  list(terms.texts, (each) => Object.values(fields(each, 'heading', 'text')).forEach(text));
  [...map(terms.about).values()].forEach(text);
  const boardKey = unhex(keys.board, 32);
  let byBoard = null; // made when it is first needed: that takes a moment
  return {
    poll: unhex(matching(/^[0-9a-f]{32}$/)(given.poll), 16), letters, boardKey, receiptKey: unhex(keys.receipt, 32),
    title: text(terms.title), questions, rules, floor: whole(terms.floor),
    opens: moment(terms.opens), closes: moment(terms.closes), closesText: text(terms.closes_text),
    custody: oneOf(terms.custody, 'service', 'keyholders'), lengthen: whole(terms.lengthen, 0, 36_500),
    signedByBoard(message, signature) {
      byBoard ??= verifier(boardKey);
      return byBoard(message, signature);
    },
  };
}

/* Return the hash that somebody typed from a letter, in groups or not; null when the field is empty. */
export function readHash(typed) {
  const plain = typed.replace(/[\s-]/g, '').toLowerCase();
  need(plain === '' || /^[0-9a-f]{64}$/.test(plain), 'hash-typed');
  return plain || null;
}
