/* The highest score wins, if it is more than nothing. */

import { BLANK } from '../paper.js';
import { firsts, orderWithLots } from './equals.js';
import { barred, quorumMet } from './majority.js';

export function plurality(question, rule, { size, votes, score }, letters, lots) {
  const order = orderWithLots(question, votes, rule.tie_order, lots);
  const positive = question.ids.filter((id) => score.get(id).top > 0n);
  const top = firsts(positive, (one, other) => score.get(other).compare(score.get(one)) || order(one, other));
  const turnout = size - (rule.blank_in_turnout ? 0 : votes.get(BLANK));
  const met = quorumMet(rule, letters, turnout, Math.max(0, ...top.map((id) => votes.get(id))));
  const left = barred(rule, met) ? [] : top;
  return { winners: left.length === 1 ? left : [], ties: left.length > 1 ? [left] : [], quorum_met: met };
}
