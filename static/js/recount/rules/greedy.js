/* Divide a budget: from the highest score to the lowest, whatever fits in it and in the caps.

   Options of equal rank would be taken in an order drawn by lot. Every way such a lot can go is followed, in a
   *world* of its own, and what is the same in all worlds is certain. Options of one rank that cost the same from
   the same purses are one *sort*: only their names differ, so a world only counts how many of each have won.
   Money is whole numbers of a unit that every amount is a multiple of. */

import { Fraction, NOTHING } from '../fractions.js';
import { TooMany } from '../wrong.js';
import { orderWithLots } from './equals.js';

const MOST_WAYS = 100_000; // choices that are looked at, in one division, before this gives up
const MOST_WORLDS = 2_000;
const MOST_SORTS = 300; // of one rank, that do not all fit

const BUDGET = 0; // the number of the purse that pays for everything; all others are caps
const unite = (sets) => new Set(sets.flatMap((set) => [...set]));

/* Return what is divided: `options` of the question (maybe not all), by `votes` and `score`. */
export function greedy(question, options, rule, votes, score, lots) {
  const division = new Division(question, options, rule, votes, score, lots);
  return division.report(division.follow());
}

class Division {
  constructor(question, options, rule, votes, score, lots) {
    Object.assign(this, { question, rule });
    const caps = [['budget', '', rule.budget]];
    for (const [name, cap] of rule.theme_caps) { caps.push(['theme', name, cap]); }
    for (const [name, cap] of rule.place_caps) { caps.push(['place', name, cap]); }
    const amounts = [...caps.map((cap) => cap[2]), ...options.map((option) => option.cost)];
    this.unit = amounts.reduce((product, each) => leastMultiple(product, each.over), 1n);
    this.caps = caps.map((cap) => this.units(cap[2]));

    const order = orderWithLots(question, votes, rule.tie_order, lots);
    const rank = (one, other) => score.get(other.id).compare(score.get(one.id)) || order(one.id, other.id);
    const taken = options.filter((option) => !score.get(option.id).less(rule.threshold)).sort(rank);
    this.sorts = [];
    this.groups = []; // of each rank the numbers of its sorts
    taken.forEach((option, at) => {
      if (!at || rank(taken[at - 1], option)) { this.groups.push([]); }
      const payers = caps.flatMap(([kind, name], purse) => (kind === 'budget' || option[kind] === name ? [purse] : []));
      const group = this.groups.at(-1), key = `${option.cost} ${payers}`;
      let sort = group.find((n) => this.sorts[n].key === key);
      if (sort === undefined) {
        sort = this.sorts.push({ key, cost: this.units(option.cost), payers, ids: [] }) - 1;
        group.push(sort);
      }
      this.sorts[sort].ids.push(option.id);
    });
    this.ways = 0;
    this.winners = [];
  }

  units(money) { return money.top * (this.unit / money.over); }

  money(units) { return new Fraction(units, this.unit); }

  missing(world, sort) { return this.sorts[sort].ids.length - world.won[sort]; }

  fits(world, sort, purses) { return purses.every((purse) => this.sorts[sort].cost <= world.left[purse]); }

  /* Return the world in which so many more of a sort have won. */
  buy(world, sort, number = 1) {
    const won = [...world.won], left = [...world.left];
    won[sort] += number;
    for (const purse of this.sorts[sort].payers) { left[purse] -= this.sorts[sort].cost * BigInt(number); }
    return { won, left, key: won.join() };
  }

  /* Return every world in which a rank can end, by its key.

     With skipping that is where nothing more of it fits; without, where something that waits does not fit. */
  endsOf(start, group, purses) {
    const all = group.reduce((world, sort) => this.buy(world, sort, this.missing(world, sort)), start);
    const checked = purses ?? all.left.map((_, purse) => purse);
    if (checked.every((purse) => all.left[purse] >= 0n)) { return new Map([[all.key, all]]); }
    if (group.length > MOST_SORTS) { throw new TooMany(this.winners); }
    const ends = new Map(), seen = new Set([start.key]), waiting = [start];
    while (waiting.length) {
      const world = waiting.pop();
      this.ways += this.sorts.length;
      if (this.ways > MOST_WAYS) { throw new TooMany(this.winners); }
      const open = group.filter((sort) => this.missing(world, sort));
      const can = open.filter((sort) => this.fits(world, sort, purses ?? this.sorts[sort].payers));
      if (!can.length || (!this.rule.skip && can.length < open.length)) { ends.set(world.key, world); }
      for (const sort of can) {
        const next = this.buy(world, sort);
        if (!seen.has(next.key)) { seen.add(next.key); waiting.push(next); }
      }
    }
    return ends;
  }

  /* Take rank after rank. Returns all worlds in the end, of each round its rank and the sorts that a lot decided
     about, and of each way it may end who is first in line for what is left. */
  follow() {
    let worlds = [{ won: this.sorts.map(() => 0), left: this.caps, key: 'start' }];
    const rounds = [];
    for (const purses of this.rule.leftover === 'more' ? [null, [BUDGET]] : [null]) {
      for (const group of this.groups) {
        const after = new Map(), decided = new Set();
        for (const world of worlds) {
          const ends = this.endsOf(world, group, purses);
          ends.forEach((end, key) => after.set(key, end));
          for (const sort of group) {
            const gains = new Set([...ends.values()].map((end) => end.won[sort] - world.won[sort]));
            const [gain] = gains;
            if (gains.size > 1 || (gain && gain < this.missing(world, sort))) { decided.add(sort); }
          }
        }
        if (after.size > MOST_WORLDS) { throw new TooMany(this.winners); }
        const before = worlds;
        worlds = [...after.values()];
        const stops = !this.rule.skip && group.some((sort) => worlds.some((world) => this.missing(world, sort)));
        if (stops) { // who does not fit may be drawn before all others, so all are in the lot
          decided.clear();
          const open = group.some((sort) => this.fits(before[0], sort, this.sorts[sort].payers));
          if (open) { group.forEach((sort) => decided.add(sort)); }
        }
        rounds.push({ group, decided });
        const sure = group.filter((sort) => this.sure(sort, worlds));
        this.winners.push(...this.names(sure).filter((id) => !this.winners.includes(id)));
        if (stops) { return { worlds, rounds, line: this.lineAfterStop(worlds, group) }; }
      }
    }
    return { worlds, rounds, line: worlds.map((world) => this.lineIn(world)) };
  }

  sure(sort, worlds) { return worlds.every((world) => !this.missing(world, sort)); }

  /* Return the options of these sorts, in the order of the paper. */
  names(sorts) {
    const ids = [...sorts].flatMap((sort) => this.sorts[sort].ids);
    return ids.sort((one, other) => this.question.place.get(one) - this.question.place.get(other));
  }

  /* Return the highest sorts of which not all won, and the money that is left for them. */
  lineIn(world) {
    const left = world.left[BUDGET];
    const lost = this.groups.map((group) => group.filter((sort) => this.missing(world, sort))).find((group) => group.length);
    return { first: new Set(left > 0n ? lost : []), left };
  }

  /* The same where the division stopped: it is who did not fit when it was drawn, in whichever world. */
  lineAfterStop(worlds, group) {
    const stuck = worlds.map((world) => {
      const refused = group.filter((sort) => this.missing(world, sort) && !this.fits(world, sort, this.sorts[sort].payers));
      return { first: new Set(world.left[BUDGET] > 0n ? refused : []), left: world.left[BUDGET] };
    });
    const anybody = unite(stuck.map((each) => each.first));
    return stuck.map(({ first, left }) => ({ first: first.size ? anybody : first, left }));
  }

  report({ worlds, rounds, line }) {
    const parts = this.rule.leftover === 'part' ? line : [];
    const next = this.names(unite(parts.map((part) => part.first)));
    const partly = this.partFunded(parts, next);
    const spent = this.winners.reduce((sum, id) => sum + this.units(this.question.byId.get(id).cost), 0n);
    const left = this.caps[BUDGET] - spent - partly.reduce((sum, [, amount]) => sum + amount, 0n);
    return {
      winners: this.winners,
      part_funded: partly.map(([id, amount]) => [id, String(this.money(amount))]),
      left: String(this.money(left)),
      ties: this.ties(worlds, rounds, parts, partly.length ? [] : next),
    };
  }

  /* Return the option that gets what is left, and how much: where that is one and the same in every world. */
  partFunded(parts, next) {
    if (next.length !== 1 || !parts.every((part) => part.first.size)) { return []; }
    const cost = this.units(this.question.byId.get(next[0]).cost);
    const amounts = new Set(parts.map(({ left }) => (left < cost ? left : cost)));
    return amounts.size === 1 ? [[next[0], ...amounts]] : [];
  }

  /* Return the ties: of each rank the options that a lot among them decides about, in the order of the count. */
  ties(worlds, rounds, parts, next) {
    const decided = unite(rounds.map((round) => round.decided));
    for (const { first } of parts) {
      if (this.names(first).length > 1) { first.forEach((sort) => decided.add(sort)); }
    }
    const unsure = (sort) => !this.sure(sort, worlds);
    let tied = this.byRank(new Set([...decided].filter(unsure)));
    const hangs = this.sorts.some((_, sort) => unsure(sort) && worlds.some((world) => world.won[sort]));
    if (!tied.length && hangs) { // who drew all win in the end, or all but one; but others hang on how it went
      tied = this.byRank(rounds.find((round) => round.decided.size).decided);
    }
    const found = new Set();
    for (const round of rounds) {
      const drawn = this.names(round.decided);
      tied.filter((ids) => ids.some((id) => drawn.includes(id))).forEach((ids) => found.add(ids));
    }
    for (const id of next) { tied.filter((ids) => ids.includes(id)).forEach((ids) => found.add(ids)); }
    return [...found];
  }

  byRank(sorts) {
    return this.groups.map((group) => this.names(group.filter((sort) => sorts.has(sort)))).filter((ids) => ids.length > 1);
  }
}

function leastMultiple(one, other) {
  return one * new Fraction(other, one).top; // one × (other / their greatest common divisor)
}

/* A rule that adds, most votes first, whatever still fits in `budget`. */
export function plainly(budget, tieOrder) {
  return {
    budget, theme_caps: new Map(), place_caps: new Map(), leftover: 'none', tie_order: tieOrder, skip: true,
    threshold: NOTHING,
  };
}
