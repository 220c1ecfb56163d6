/* Yes or no: are there enough votes in favour. */

import { fraction } from '../fractions.js';
import { BLANK } from '../paper.js';

/* Say whether a quorum is met, null where there is none: as many took part, or were in favour, as it asks for. */
export function quorumMet(rule, letters, turnout, inFavour) {
  if (rule.quorum === 'none') { return null; }
  const reached = fraction(rule.quorum === 'turnout' ? turnout : inFavour);
  return !reached.less(rule.quorum_share.times(fraction(letters)));
}

export function barred(rule, met) {
  return met === false && rule.missed_quorum === 'bars';
}

export function majority(rule, votes, letters) {
  const voor = votes.get('voor'), tegen = votes.get('tegen'), blank = votes.get(BLANK);
  const cast = voor + tegen + (rule.blank_in_majority ? blank : 0);
  const base = rule.base === 'letters' ? letters : cast;
  let enough = voor > tegen;
  if (rule.majority === 'absolute') { enough = voor * 2 > base; }
  if (rule.majority === 'two-thirds') { enough = voor * 3 >= base * 2; }
  const met = quorumMet(rule, letters, voor + tegen + (rule.blank_in_turnout ? blank : 0), voor);
  const passed = voor > 0 && enough && !barred(rule, met);
  return { passed, quorum_met: met, winners: passed ? ['voor'] : [] };
}
