/* question-N.pb, for the programs of others: the same options, ballots, scores and winners. */

import { budgetOf } from './count.js';
import { concat, hex, textOf, utf8 } from './bytes.js';
import { Fraction } from './fractions.js';
import { BLANK, marks, split } from './paper.js';
import { sha256 } from './sha256.js';
import { Wrong, need } from './wrong.js';

const TYPES = { 'choose-one': 'choose-1', approve: 'approval', basket: 'approval', points: 'cumulative', ranking: 'ordinal' };
const METHODS = { web: 'internet', paper: 'paper' };
const MAYBE = ['score', 'selected']; // columns that are left out where other programs would not agree

const cents = (amount) => String(new Fraction(amount.top, amount.over * 100n));
const oneLine = (text) => text.split(/\s+/u).filter(Boolean).join(' ');
const inList = (text) => oneLine(text.replaceAll(',', ' /'));

/* Check that every question of two options or more has its file, and what stands in it. */
export function checkForOthers(files, definition, boxes, outcomes, say) {
  definition.questions.forEach((question, at) => {
    const name = `question-${question.number}.pb`, there = question.kind !== 'yes-no' && question.options.length > 1;
    need(files.has(name) === there, there ? 'missing' : 'unexpected', { name });
    if (!there) { return; }
    const text = textOf(files.get(name));
    need(text !== null, 'misplaced', { name });
    check(name, text, definition, question, budgetOf(definition.rules[at]), boxes[at], outcomes[at]);
    say('good', 'for-others', { name });
  });
}

function check(name, text, definition, question, budget, boxes, outcome) {
  const differs = (right, part) => need(right, 'for-others-differs', { name, part });
  const cut = text.lastIndexOf('\r\nVOTES\r\n');
  const votes = voteLines(definition.poll, question, boxes);
  differs(cut >= 0 && text.slice(cut + 9) === votes.map((line) => `${line}\r\n`).join(''), 'VOTES');
  const rows = cells(text.slice(0, cut), name), middle = rows.findIndex((row) => row.join(';') === 'PROJECTS');
  differs(middle >= 2 && rows[0].join() === 'META' && rows[1].join(';') === 'key;value' && rows.length > middle + 1, 'META');
  const meta = {
    num_projects: String(question.options.length), num_votes: String(votes.length - 1),
    vote_type: TYPES[question.kind], budget: budget ? cents(budget) : '1',
  };
  for (const [key, value] of Object.entries(meta)) {
    const found = rows.slice(2, middle).filter((row) => row[0] === key);
    differs(found.length === 1 && found[0].length === 2 && found[0][1] === value, key);
  }
  const columns = columnsOf(question).filter((column) => !MAYBE.includes(column) || rows[middle + 1].includes(column));
  differs(columns.join(';') === rows[middle + 1].join(';'), 'PROJECTS');
  const projects = new Map(rows.slice(middle + 2).map((row) => [row[0], row]));
  differs(projects.size === rows.length - middle - 2 && projects.size === question.ids.length, 'PROJECTS');
  for (const option of question.options) {
    const stands = project(option, budget, outcome), row = projects.get(option.id);
    differs(row?.length === columns.length && columns.every((column, at) => row[at] === stands[column]), option.id);
  }
}

function columnsOf(question) {
  const themes = question.options.some((option) => option.theme) ? ['category'] : [];
  const places = question.options.some((option) => option.place) ? ['neighborhood'] : [];
  return ['project_id', 'cost', 'votes', 'score', 'name', ...themes, 'selected', ...places];
}

function project(option, budget, outcome) {
  const partly = outcome.get('part_funded').some(([id]) => id === option.id);
  return {
    project_id: option.id, cost: budget ? cents(option.cost) : '1', votes: String(outcome.get('votes').get(option.id)),
    score: String(outcome.get('score').get(option.id)), name: oneLine(option.label) || option.id,
    category: inList(option.theme), neighborhood: inList(option.place) || '-',
    selected: outcome.get('winners').includes(option.id) ? '1' : partly ? '2' : '0',
  };
}

/* Return the lines of the votes: all but blanco, in the order of a hash of what each says. */
function voteLines(poll, question, boxes) {
  const ballots = [], points = question.kind === 'points';
  for (const [channel, box] of boxes) {
    for (const [marking, number] of box) {
      for (let n = 0; marking !== BLANK && n < number; n++) {
        const order = hex(sha256(concat(poll, utf8(`${question.number};${channel};${marking};${n}`))));
        ballots.push([order, marking, channel]);
      }
    }
  }
  ballots.sort(([one], [other]) => (one < other ? -1 : 1));
  const several = new Set(ballots.map((ballot) => ballot[2])).size > 1;
  const lines = [['voter_id', 'vote', ...(points ? ['points'] : []), ...(several ? ['voting_method'] : [])]];
  ballots.forEach(([, marking, channel], at) => {
    let said = [marking];
    if (points) { // the most points first
      const pairs = marks(marking).map(split).sort((one, other) => Number(other[1]) - Number(one[1]));
      said = [pairs.map(([id]) => id).join(), pairs.map(([, given]) => given).join()];
    }
    lines.push([String(at + 1), ...said, ...(several ? [METHODS[channel]] : [])]);
  });
  return lines.map((line) => line.join(';'));
}

/* Return the rows of text with ; between its cells, in which a cell may stand between quotes. */
function cells(text, name) {
  const rows = [[]], cell = /(?:"((?:[^"]|"")*)"|([^";\r\n]*))(;|\r\n|$)/y;
  for (let at = 0; at <= text.length;) {
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (!found) { throw new Wrong('misplaced', { name }); }
    rows.at(-1).push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    at = cell.lastIndex;
    if (found[3] === '') { return rows; }
    if (found[3] === '\r\n') { rows.push([]); }
  }
  return rows;
}
