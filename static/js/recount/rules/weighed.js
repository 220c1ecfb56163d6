/* Channels that weigh: an option's part of what each channel holds, times the weight of the channel. */

import { NOTHING, Fraction, fraction, total } from '../fractions.js';

/* Return the scores. A channel with nothing in it leaves its weight to the others, in proportion. */
export function weighed(question, channels, tallies) {
  const used = [];
  for (const [name, { size, score }] of tallies) {
    const points = [...score.values()].reduce((sum, each) => sum + each, 0n);
    const all = channels.part === 'votes' ? points : BigInt(size);
    if (all) { used.push({ weight: channels.weights.get(name), all: fraction(all), score }); }
  }
  const given = total(used.map((each) => each.weight));
  return new Map(question.ids.map((id) => [id, used.reduce(
    (sum, { weight, all, score }) => sum.plus(weight.per(given).per(all).times(new Fraction(score.get(id)))), NOTHING,
  )]));
}
