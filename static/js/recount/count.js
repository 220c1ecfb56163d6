/* Count a question by its frozen rule: everything that outcome.json says, but for the steps that explain it. */

import { Fraction } from './fractions.js';
import { tally, together } from './paper.js';
import { equalShares } from './rules/equal-shares.js';
import { greedy } from './rules/greedy.js';
import { majority } from './rules/majority.js';
import { plurality } from './rules/plurality.js';
import { ranked } from './rules/ranked.js';
import { weighed } from './rules/weighed.js';

const asScores = (score) => new Map([...score].map(([id, value]) => [id, new Fraction(value)]));

/* Return the outcome as a Map, in the form of outcome.json. `boxes`: by channel, how often each marking was given;
   `letters`: how many count; `lots`: lists of ids, in the order in which they were drawn. */
export function count(question, rule, boxes, letters, lots) {
  const tallies = new Map([...boxes].map(([channel, box]) => [channel, tally(question, box)]));
  const all = tally(question, together(boxes.values()));
  const channels = tallies.size > 1 ? [...tallies].map(([channel, { votes }]) => [channel, votes]) : [];
  const found = {
    winners: [], part_funded: [], left: null, ties: [], passed: null, quorum_met: null, votes: all.votes,
    channels: new Map(channels), ...answer(question, rule, boxes, tallies, all, letters, lots),
  };
  found.score = new Map([...found.score].map(([id, value]) => [id, value instanceof Fraction ? value.toScore() : value]));
  return new Map(Object.entries(found));
}

function answer(question, rule, boxes, tallies, all, letters, lots) {
  if (rule.name === 'equal-shares') { return equalShares(question, rule, boxes.values(), all.votes, lots); }
  if (rule.name === 'ranked') { return ranked(question, rule, boxes.values(), all.votes, lots); }
  const { size, votes } = all;
  const score = rule.name === 'weighed' ? weighed(question, rule.channels, tallies) : asScores(all.score);
  const chooses = rule.name === 'weighed' ? rule.rule : rule;
  if (chooses.name === 'majority') { return { score, ...majority(chooses, votes, letters) }; }
  if (chooses.name === 'plurality') {
    return { score, ...plurality(question, chooses, { size, votes, score }, letters, lots) };
  }
  return { score, ...greedy(question, question.options, chooses, votes, score, lots) };
}

/* Return the budget of a rule; null where none is divided. */
export function budgetOf(rule) {
  return (rule.name === 'weighed' ? rule.rule : rule).budget ?? null;
}
