/* May a marking be given, and is it written in its one form. */

import { total } from './fractions.js';

export const BLANK = 'blanco';
export const UNUSABLE = 'ongeldig'; // a paper that is missing, or cannot be counted

/* Return the marks of a marking; none for blanco. */
export function marks(marking) {
  return marking === BLANK ? [] : marking.split(',');
}

/* Return the option and the points of a mark on a points paper. */
export function split(mark) {
  const at = mark.indexOf(':');
  return at < 0 ? [mark, ''] : [mark.slice(0, at), mark.slice(at + 1)];
}

/* Return the options that a marking names, in its order; whatever stands with them is left out. */
export function chosen(question, marking) {
  return marks(marking).map((mark) => (question.points ? split(mark)[0] : mark));
}

/* Return the length to which every marking is padded: that of the longest there can be. */
export function length(question) {
  const points = question.points ? 1 + String(question.points.each).length : 0;
  const longest = question.ids.map((id) => id.length + points).sort((a, b) => b - a).slice(0, question.most);
  return Math.max(BLANK.length, longest.reduce((sum, each) => sum + each + 1, -1));
}

/* Return the key of what is wrong with a marking; null when it is right. */
export function problem(question, marking) {
  if (marking === BLANK) { return null; }
  const ids = chosen(question, marking), options = ids.map((id) => question.byId.get(id));
  if (options.includes(undefined)) { return 'marking-unknown'; }
  const places = ids.map((id) => question.place.get(id));
  if (new Set(ids).size < ids.length) { return 'marking-twice'; }
  if (question.kind !== 'ranking' && places.some((place, at) => at && places[at - 1] > place)) { return 'marking-order'; }
  if (ids.length < question.least || ids.length > question.most) { return 'marking-number'; }
  const of = (theme) => options.filter((option) => option.theme === theme);
  const cost = (some) => total(some.map((option) => option.cost));
  if ([...question.themeMost].some(([theme, most]) => of(theme).length > most)) { return 'marking-theme'; }
  const dear = question.budget !== null && question.budget.less(cost(options));
  if (dear || [...question.themeBudget].some(([theme, most]) => most.less(cost(of(theme))))) { return 'marking-cost'; }
  return question.points ? pointsProblem(question.points, marks(marking).map((mark) => split(mark)[1])) : null;
}

function pointsProblem({ sum, least, each }, given) {
  if (!given.every((points) => /^[1-9][0-9]{0,8}$/.test(points))) { return 'marking-points'; }
  const numbers = given.map(Number), all = numbers.reduce((a, b) => a + b, 0);
  return Math.max(...numbers) > each || all < least || all > sum ? 'marking-points' : null;
}

/* Return the votes (blanco too) and the scores of a box, which says how often each marking was given.

   A score is the number of votes; on a points paper the points; and on a ranking of m places m for the first,
   m - 1 for the second, and so on. */
export function tally(question, box) {
  const votes = new Map([...question.ids, BLANK].map((id) => [id, 0]));
  const score = new Map(question.ids.map((id) => [id, 0n]));
  let size = 0;
  for (const [marking, number] of box) {
    size += number;
    if (marking === BLANK) { votes.set(BLANK, votes.get(BLANK) + number); }
    marks(marking).forEach((mark, place) => {
      const [id, points] = question.points ? split(mark) : [mark, ''];
      const worth = question.points ? BigInt(points) : question.kind === 'ranking' ? BigInt(question.most - place) : 1n;
      votes.set(id, votes.get(id) + number);
      score.set(id, score.get(id) + worth * BigInt(number));
    });
  }
  return { size, votes, score };
}

/* Return boxes added up. */
export function together(boxes) {
  const sum = new Map();
  for (const box of boxes) {
    for (const [marking, number] of box) { sum.set(marking, (sum.get(marking) ?? 0) + number); }
  }
  return sum;
}
