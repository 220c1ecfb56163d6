/* The Method of Equal Shares: every voter directs an equal part of the budget.

   An option is bought from the shares of those who chose it: all pay the same, and who has less left pays all of
   it. Time and again the option is bought that costs its supporters least, for each euro of it or as such. Shares may
   be raised, a step at a time, for as long as the real budget can bear what they buy. Where options are equal and it
   matters which is bought first, every order is followed. */

import { NOTHING, fraction, total } from '../fractions.js';
import { chosen, together } from '../paper.js';
import { TooMany } from '../wrong.js';
import { frozenOrder, luckiest } from './equals.js';
import { greedy, plainly } from './greedy.js';

const MOST_ORDERS = 500; // of equals, in one round
const MOST_RAISES = 100_000;

export function equalShares(question, rule, boxes, votes, lots) {
  const shares = new Shares(question, rule, together(boxes), votes, lots);
  const { ends, told, drawn } = shares.raised();
  const sets = [...ends.values()];
  const sure = question.ids.filter((id) => sets.every((set) => set.has(id)));
  const certain = new Set(sure), settled = sets.every((set) => set.size === certain.size);
  const inOrder = [...shares.free, ...told.bought].filter((id) => certain.has(id));
  const winners = [...inOrder, ...sure.filter((id) => !inOrder.includes(id))];
  const ties = [];
  if (!settled) {
    const open = drawn.tied.filter((id) => !certain.has(id));
    ties.push(open.length > 1 ? open : drawn.tied);
  }
  if (rule.completion === 'add1u') { add(question, rule, votes, lots, sets, winners, ties); }
  const left = rule.budget.minus(shares.cost(winners));
  return { score: new Map(question.ids.map((id) => [id, votes.get(id)])), winners, ties, left: String(left) };
}

/* Add to the winners, most votes first, what still fits in what each result of the shares leaves. */
function add(question, rule, votes, lots, results, winners, ties) {
  const score = new Map(question.ids.map((id) => [id, fraction(votes.get(id))]));
  const added = results.map((result) => {
    const spent = total([...result].map((id) => question.byId.get(id).cost));
    const rest = question.options.filter((option) => !result.has(option.id));
    const open = lots.map((lot) => lot.filter((id) => !result.has(id))).filter((lot) => lot.length > 1);
    try {
      return greedy(question, rest, plainly(rule.budget.minus(spent), rule.tie_order), votes, score, open);
    } catch (error) {
      throw error instanceof TooMany ? new TooMany(winners) : error;
    }
  });
  if (added.length === 1) {
    winners.push(...added[0].winners);
    ties.push(...added[0].ties);
    return;
  }
  const wins = (id, at) => results[at].has(id) || added[at].winners.includes(id);
  winners.push(...question.ids.filter((id) => !winners.includes(id) && results.every((_, at) => wins(id, at))));
}

class Shares {
  constructor(question, rule, box, votes, lots) {
    Object.assign(this, { question, rule, lots });
    this.order = frozenOrder(question, votes, rule.tie_order);
    this.voters = fraction([...box.values()].reduce((sum, number) => sum + number, 0));
    this.sizes = [...box.values()].map(BigInt); // of each group of voters that chose alike
    this.supporters = new Map(question.ids.map((id) => [id, []]));
    [...box.keys()].forEach((marking, group) => {
      for (const id of chosen(question, marking)) { this.supporters.get(id).push(group); }
    });
    const liked = question.ids.filter((id) => votes.get(id));
    const free = (id) => question.byId.get(id).cost.isZero;
    this.free = liked.filter(free);
    this.wanted = liked.filter((id) => !free(id));
  }

  cost(ids) { return total([...ids].map((id) => this.question.byId.get(id).cost)); }

  worth(id) { return this.rule.utility === 'cost' ? this.question.byId.get(id).cost : fraction(1); }

  /* Return all `ends` that are possible, as sets by their key; what is `told` of the way there; and the round
     whose lot is `drawn`. Where lots lead to different results some may end the raising while others go on. */
  raised() {
    const { budget, step, completion } = this.rule, one = fraction(1);
    const start = this.voters.isZero ? one : this.voters;
    let share = budget.per(start), round = this.round(share);
    if (completion === 'none') { return { ends: round.results, told: round, drawn: round }; }
    const ends = new Map();
    let going = new Map(round.results), first = null;
    for (let raises = 0; raises < MOST_RAISES; raises++) {
      const bound = budget.times(this.voters.plus(one)).less(share.plus(step).times(this.voters));
      for (const [key, result] of [...going]) {
        if (bound || this.full(result)) {
          ends.set(key, result);
          going.delete(key);
          first ??= { told: round, drawn: round };
        }
      }
      if (!going.size) { return { ends, ...first }; }
      share = share.plus(step);
      const next = this.round(share);
      const affordable = new Map([...next.results].filter(([, result]) => !budget.less(this.cost(result))));
      if (affordable.size < next.results.size) {
        going.forEach((result, key) => ends.set(key, result));
        first ??= { told: round, drawn: round.tied.length ? round : next };
      }
      going = affordable;
      round = next;
    }
    throw new TooMany(this.free);
  }

  /* Say whether raising cannot help a result: nothing else fits in the budget, or all is bought. */
  full(result) {
    const left = this.rule.budget.minus(this.cost(result));
    return this.wanted.every((id) => result.has(id))
      || this.question.options.every((option) => result.has(option.id) || left.less(option.cost));
  }

  round(share) {
    const state = {
      purses: this.sizes.map(() => share), // equal purses are one object
      floors: new Map(this.wanted.map((id) => [id, NOTHING])), // no rate is lower than this: they only rise
      paid: [],
    };
    return this.go(state, new Map());
  }

  /* Buy until nothing can be bought. Returns the `results` that are possible; what is `bought` from here, in order,
     up to where a lot decides; and who is `tied` there. `known` holds what follows a set of purchases. */
  go({ purses, floors, paid }, known) {
    const bought = [];
    for (;;) {
      const equals = this.cheapest(purses, floors);
      if (!equals.length) {
        const won = new Set([...this.free, ...paid.map(([id]) => id)]);
        const key = this.question.ids.filter((id) => won.has(id)).join();
        return { results: new Map([[key, won]]), bought, tied: [] };
      }
      if (this.matters(purses, equals)) { return this.fork({ purses, floors, paid }, known, equals, bought); }
      for (const [id, price] of equals) {
        purses = this.pay(purses, id, price);
        floors.delete(id);
        bought.push(id);
      }
      paid = [...paid, ...equals];
    }
  }

  /* Follow every order of equals. Where all come to the same it is no tie. */
  fork({ purses, floors, paid }, known, equals, bought) {
    const ways = equals.map(([id, price]) => {
      const further = [...paid, [id, price]], key = further.map((each) => each.join('=')).sort().join();
      if (!known.has(key)) {
        if (known.size >= MOST_ORDERS) { throw new TooMany(this.free); }
        const left = new Map(floors);
        left.delete(id);
        known.set(key, this.go({ purses: this.pay(purses, id, price), floors: left, paid: further }, known));
      }
      return known.get(key);
    });
    const results = new Map(ways.flatMap((way) => [...way.results]));
    if (results.size === 1) { return { results, bought: [...bought, equals[0][0], ...ways[0].bought], tied: [] }; }
    return { results, bought, tied: equals.map(([id]) => id) };
  }

  /* Return who may be bought next, each with its price, in the order of the paper: those of the lowest rate, as far
     as neither the frozen order nor a lot parts them. Forgets what can no longer be paid. */
  cheapest(purses, floors) {
    const prices = new Map();
    let lowest = null;
    for (const [id, floor] of [...floors].sort(([, one], [, other]) => one.compare(other))) {
      if (lowest && lowest.less(floor)) { break; }
      const price = this.price(purses, id);
      if (!price) { floors.delete(id); continue; }
      const rate = price.per(this.worth(id));
      floors.set(id, rate);
      if (!lowest || rate.less(lowest)) { lowest = rate; }
      prices.set(id, price);
    }
    const equals = this.question.ids.filter((id) => prices.has(id) && floors.get(id).equals(lowest));
    return luckiest(equals, this.order, this.lots).map((id) => [id, prices.get(id)]);
  }

  /* Return what each supporter pays who has that much; null when all together have too little. */
  price(purses, id) {
    const payers = new Map();
    for (const group of this.supporters.get(id)) {
      payers.set(purses[group], (payers.get(purses[group]) ?? 0n) + this.sizes[group]);
    }
    let rest = this.question.byId.get(id).cost, voters = [...payers.values()].reduce((sum, each) => sum + each, 0n);
    for (const [purse, number] of [...payers].sort(([one], [other]) => one.compare(other))) {
      if (!purse.times(fraction(voters)).less(rest)) { return rest.per(fraction(voters)); }
      rest = rest.minus(purse.times(fraction(number)));
      voters -= number;
    }
    return null;
  }

  pay(purses, id, price) {
    const after = [...purses], known = new Map();
    for (const group of this.supporters.get(id)) {
      const purse = purses[group];
      if (!known.has(purse)) { known.set(purse, purse.less(price) ? NOTHING : purse.minus(price)); }
      after[group] = known.get(purse);
    }
    return after;
  }

  /* Say whether buying one of these changes the price of another. */
  matters(purses, equals) {
    if (equals.length < 2) { return false; }
    return equals.some(([id, price]) => {
      const now = this.price(purses, id);
      if (!now?.equals(price)) { return true; }
      purses = this.pay(purses, id, price);
      return false;
    });
  }
}
