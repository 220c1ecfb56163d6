/* Rankings that elect one: an instant run-off, or the Schulze method. */

import { BLANK, marks, together } from '../paper.js';
import { TooMany } from '../wrong.js';
import { frozenOrder, luckiest } from './equals.js';

const MOST_SETS = 5_000; // of options that are still in, before this gives up

export function ranked(question, rule, boxes, votes, lots) {
  const rankings = [...together(boxes)].filter(([marking]) => marking !== BLANK)
    .map(([marking, number]) => [marks(marking).map((id) => question.place.get(id)), number]);
  if (!rankings.length) { return { score: new Map(question.ids.map((id) => [id, 0])), winners: [], ties: [] }; }
  const order = frozenOrder(question, votes, rule.tie_order);
  const pick = (numbers, last) => luckiest(numbers.map((n) => question.ids[n]), order, lots, last)
    .map((id) => question.place.get(id));
  const { score, first } = rule.method === 'run-off'
    ? new RunOff(question.ids.length, rankings, pick).result()
    : schulze(question.ids.length, rankings, pick);
  const ids = first.map((n) => question.ids[n]);
  return {
    score: new Map(question.ids.map((id, n) => [id, score[n]])),
    winners: ids.length === 1 ? ids : [], ties: ids.length > 1 ? [ids] : [],
  };
}

/* Every ranking counts for the first on it that is still in. Who has more than half of those wins; else those with
   the fewest go out: all of them where together they have fewer than the next, and else one of them.

   Who is still in is a BigInt with a bit an option. What happens from there on hangs on nothing else, so each such
   set is looked at once, whichever way it is come to. */
class RunOff {
  constructor(size, rankings, pick) {
    Object.assign(this, { size, rankings, pick });
    this.looked = new Map(); // set: its votes, who is elected, and the ways to go on
    this.ends = new Map(); // set: a set of who may be elected from there
  }

  at(still) {
    if (this.looked.has(still)) { return this.looked.get(still); }
    if (this.looked.size >= MOST_SETS) { throw new TooMany(); }
    const inside = [...Array(this.size).keys()].filter((n) => (still >> BigInt(n)) & 1n);
    const within = new Set(inside), votes = new Map(inside.map((n) => [n, 0]));
    let counted = 0;
    for (const [ranking, number] of this.rankings) {
      const first = ranking.find((n) => within.has(n));
      if (first !== undefined) { votes.set(first, votes.get(first) + number); counted += number; }
    }
    const elected = inside.filter((n) => votes.get(n) * 2 > counted);
    const here = { votes, elected, ways: elected.length ? [] : this.ways(inside, votes) };
    this.looked.set(still, here);
    return here;
  }

  /* Return the ways to go on: each a list of who goes out. */
  ways(inside, votes) {
    const fewest = Math.min(...votes.values()), low = inside.filter((n) => votes.get(n) === fewest);
    const more = [...votes.values()].filter((number) => number > fewest);
    if (more.length && fewest * low.length < Math.min(...more)) { return [low]; }
    return this.pick(low, true).map((n) => [n]);
  }

  without(still, gone) { return gone.reduce((left, n) => left & ~(1n << BigInt(n)), still); }

  mayWin(still) {
    if (!this.ends.has(still)) {
      const { elected, ways } = this.at(still), found = new Set(elected);
      for (const gone of ways) { this.mayWin(this.without(still, gone)).forEach((n) => found.add(n)); }
      this.ends.set(still, found);
    }
    return this.ends.get(still);
  }

  /* Return the scores, and who wins, or between whom a lot decides who goes out. */
  result() {
    const score = Array(this.size).fill(0);
    for (let still = (1n << BigInt(this.size)) - 1n; ;) {
      const { votes, elected, ways } = this.at(still);
      votes.forEach((number, n) => { score[n] = number; });
      if (elected.length) { return { score, first: elected }; }
      if (ways.length > 1 && this.mayWin(still).size > 1) { return { score, first: ways.flat() }; }
      still = this.without(still, ways[0]);
    }
  }
}

/* In a duel a ranking is for the option it names first, or names at all. A path of duels won is as strong as the
   weakest of them; an option beats another when its strongest path there is stronger than the one back. */
function schulze(size, rankings, pick) {
  const all = [...Array(size).keys()], table = () => all.map(() => Array(size).fill(0));
  const duel = table(), path = table();
  for (const [ranking, number] of rankings) {
    const behind = new Set(all);
    for (const one of ranking) {
      behind.delete(one);
      for (const other of behind) { duel[one][other] += number; }
    }
  }
  for (const a of all) { for (const b of all) { if (duel[a][b] > duel[b][a]) { path[a][b] = duel[a][b]; } } }
  for (const via of all) {
    for (const a of all) {
      for (const b of all) {
        if (a !== b) { path[a][b] = Math.max(path[a][b], Math.min(path[a][via], path[via][b])); }
      }
    }
  }
  const score = all.map((a) => all.filter((b) => path[a][b] > path[b][a]).length);
  const unbeaten = all.filter((a) => all.every((b) => path[a][b] >= path[b][a]));
  return { score, first: pick(unbeaten, false) };
}
