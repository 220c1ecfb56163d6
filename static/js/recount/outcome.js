/* Count every question again, and compare it with what outcome.json says. */

import { together, tally, BLANK } from './paper.js';
import { withJson } from './files.js';
import { budgetOf, count } from './count.js';
import { NOTHING, exact, fraction, total } from './fractions.js';
import { fields, list, map, moment, text, whole, write } from './json.js';
import { majority, quorumMet } from './rules/majority.js';
import { TooMany, expect, inside, need } from './wrong.js';

const ANSWERS = ['votes', 'score', 'channels', 'winners', 'part_funded', 'left', 'ties', 'passed', 'quorum_met'];
const NAME = 'outcome.json';

/* Return for each question the lots that were drawn, in order. `closes`: no lot is drawn before. */
export function readLots(files, definition, closes) {
  const lots = definition.questions.map(() => []);
  if (!files.has('lots.json')) { return lots; }
  withJson(files, 'lots.json', (value) => {
    expect(list(value).length > 0, 'a lot');
    let before = 1;
    for (const each of value) {
      const lot = fields(each, 'question', 'drawn', 'witnesses', 'at');
      const witnesses = list(lot.witnesses, text).map((name) => name.trim()).filter(Boolean);
      need(new Set(witnesses).size >= 2, 'lot-witnesses');
      need(moment(lot.at) >= closes, 'lot-early');
      before = whole(lot.question, before, lots.length);
      lots[before - 1].push(list(lot.drawn, text));
    }
  });
  return lots;
}

/* Return what outcome.json says: an outcome a question, each a Map. */
export function readOutcomes(files, definition) {
  return withJson(files, NAME, (value) => {
    expect(list(value).length === definition.questions.length, 'an outcome a question');
    return value.map((outcome) => {
      fields(outcome, ...ANSWERS, 'steps');
      list(outcome.get('winners'), text);
      list(outcome.get('part_funded'), (each) => {
        expect(list(each, text).length === 2, 'an option and an amount');
        exact(each[1]);
      });
      list(outcome.get('steps'), (step) => {
        fields(step, 'kind', 'option', 'values');
        text(step.get('kind'));
        map(step.get('values'));
      });
      map(outcome.get('votes'));
      return outcome;
    });
  });
}

/* Count a question again and compare; returns whether all of it was counted. `say` says what it came to. */
export function checkOutcome(question, rule, boxes, letters, lots, stated, say, found = 'counted') {
  const number = question.number;
  const told = stated.get('steps').filter((step) => step.get('kind') === 'lot').map((step) => step.get('values').get('options'));
  need(write(told) === write(lots.map((lot) => lot.join())), 'lots-differ', { question: number });
  lots.forEach((lot, at) => {
    need(canBeDrawn(question, rule, boxes, letters, lots.slice(0, at), lot), 'lot-without-tie', { question: number });
  });
  say('progress', 'counting', { question: number });
  let counted;
  try {
    counted = count(question, rule, boxes, letters, lots);
  } catch (error) {
    if (!(error instanceof TooMany)) { throw error; }
    compareCertain(question, rule, boxes, error.winners, stated);
    say('warning', 'too-many-ties', { question: number });
    return false;
  }
  for (const part of ANSWERS) {
    need(write(counted.get(part)) === write(stated.get(part)), 'outcome-differs', { question: number, part });
  }
  say('good', found, { question: number, text: question.text });
  sayOutcome(question, counted, say);
  return true;
}

function sayOutcome(question, counted, say) {
  const votes = counted.get('votes'), names = (ids) => ids.map((id) => question.byId.get(id).label).join(', ');
  if (counted.get('passed') !== null) {
    const values = { voor: votes.get('voor'), tegen: votes.get('tegen'), blanco: votes.get(BLANK) };
    say('answer', counted.get('passed') ? 'passed' : 'not-passed', values);
    return;
  }
  const winners = counted.get('winners');
  say('answer', winners.length ? 'winners' : 'no-winners', { winners: names(winners) });
  if (counted.get('ties').length) { say('answer', 'lot-needed', { options: counted.get('ties').map(names).join('; ') }); }
}

/* Say whether there was a tie between exactly these when the earlier lots were drawn. */
function canBeDrawn(question, rule, boxes, letters, earlier, lot) {
  try {
    const ties = count(question, rule, boxes, letters, earlier).get('ties');
    return ties.some((tie) => write([...tie].sort()) === write([...lot].sort()));
  } catch (error) {
    if (!(error instanceof TooMany)) { throw error; }
    return new Set(lot).size === lot.length && lot.every((id) => question.byId.has(id)); // more cannot be said
  }
}

/* Compare what can be said without following every way a lot could go. */
function compareCertain(question, rule, boxes, winners, stated) {
  const differs = (part, right) => need(right, 'outcome-differs', { question: question.number, part });
  const { votes } = tally(question, together(boxes.values())), said = stated.get('winners');
  differs('votes', write(stated.get('votes')) === write(votes));
  const known = said.every((id) => question.byId.has(id)) && new Set(said).size === said.length;
  differs('winners', known && write(said.slice(0, winners.length)) === write(winners));
  const budget = budgetOf(rule);
  if (!budget) { differs('left', stated.get('left') === null); return; }
  const spent = [...said.map((id) => question.byId.get(id).cost), ...stated.get('part_funded').map(([, amount]) => exact(amount))];
  differs('left', stated.get('left') === String(budget.minus(total(spent))));
}

/* Where no answers are published: the stated votes are possible, and where a ballot names one option they are
   enough to count the outcome again. */
export function checkFew(definition, board, letters, lots, outcomes, say) {
  definition.questions.forEach((question, at) => inside(NAME, () => {
    const votes = map(outcomes[at].get('votes')), stated = fields(votes, ...question.ids, BLANK);
    Object.values(stated).forEach((number) => whole(number));
    const chosen = question.ids.reduce((sum, id) => sum + stated[id], 0), ballots = board.leaves[at] - stated[BLANK];
    const possible = ballots >= 0 && chosen >= ballots && chosen <= ballots * question.most;
    need(possible, 'votes-impossible', { question: question.number });
    if (question.kind === 'yes-no' || question.kind === 'choose-one') {
      const boxes = new Map([['web', new Map([...votes].filter(([, number]) => number))]]);
      checkOutcome(question, definition.rules[at], boxes, letters, lots[at], outcomes[at], say, 'counted-from-numbers');
    }
  }));
}

/* Say whether so many ballots, had they been others or not been there, could have given another outcome: 'yes', 'no',
   or 'unknown' where this does not work it out. `cast`: how many there are. */
export function couldChange(question, rule, outcome, letters, ballots, cast) {
  if (rule.name === 'majority') { return majorityCouldChange(rule, outcome.get('votes'), letters, ballots); }
  if (rule.name !== 'plurality' && rule.name !== 'greedy') { return 'unknown'; }
  const swing = ballots * ({ points: question.points?.each, ranking: question.most }[question.kind] ?? 1);
  const score = (id) => outcome.get('score').get(id), ids = [...question.ids].sort((one, other) => score(other) - score(one));
  const apart = ids.slice(1).map((id, at) => score(ids[at]) - score(id) > 2 * swing);
  if (rule.name === 'greedy') { // nobody passes another, or the threshold
    const clear = ids.every((id) => staysOnItsSide(score(id), rule.threshold, swing));
    return clear && apart.every(Boolean) ? 'no' : 'unknown';
  }
  const votes = outcome.get('votes'), turnout = cast - (rule.blank_in_turnout ? 0 : votes.get(BLANK));
  const met = [-ballots, 0, ballots].map((more) => quorumMet(rule, letters, turnout + more, votes.get(ids[0]) + more));
  return score(ids[0]) > swing && (apart[0] ?? true) && new Set(met).size === 1 ? 'no' : 'unknown';
}

/* Whether a score stays under the threshold, or over it, when it goes up or down so much. */
function staysOnItsSide(score, threshold, swing) {
  if (!NOTHING.less(threshold)) { return true; } // none
  return fraction(score + swing).less(threshold) || threshold.less(fraction(score - swing));
}

/* Yield the numbers as they are, and the furthest they could have been: some gone, or all with one answer. A majority
   and a quorum are each a straight line through the numbers, so what no corner changes, nothing does. */
function* furthest(votes, ballots) {
  yield votes;
  const sides = [...votes.keys()];
  for (const first of sides) {
    for (const second of sides.filter((side) => side !== first)) {
      const left = new Map(votes), third = sides.filter((side) => side !== first && side !== second);
      let rest = ballots;
      for (const side of [first, second, ...third]) {
        const gone = Math.min(rest, left.get(side));
        left.set(side, left.get(side) - gone);
        rest -= gone;
      }
      yield left;
      for (const side of sides) { yield new Map(left).set(side, left.get(side) + ballots - rest); }
    }
  }
}

/* Whether the majority and the quorum, each by itself, are the same wherever the votes could have been. */
function majorityCouldChange(rule, votes, letters, ballots) {
  const found = new Set();
  for (const moved of furthest(votes, ballots)) {
    const enough = majority({ ...rule, quorum: 'none' }, moved, letters).passed;
    found.add(`${enough} ${majority(rule, moved, letters).quorum_met}`);
  }
  return found.size === 1 ? 'no' : 'yes';
}
