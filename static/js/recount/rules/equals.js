/* What parts options that are equal: the order that was frozen, and lots that were drawn. */

const KEYS = {
  'lower-cost': (question) => (one, other) => question.byId.get(one).cost.compare(question.byId.get(other).cost),
  'more-votes': (question, votes) => (one, other) => votes.get(other) - votes.get(one),
  'paper-order': (question) => (one, other) => question.place.get(one) - question.place.get(other),
};

/* Return what orders two options that are equal otherwise: the luckier first, 0 where they stay equal. */
export function frozenOrder(question, votes, tieOrder) {
  const keys = tieOrder.map((name) => KEYS[name](question, votes));
  return (one, other) => keys.reduce((found, key) => found || key(one, other), 0);
}

/* The same, and after the frozen order the lots; in each, who was not in it stands before who was. */
export function orderWithLots(question, votes, tieOrder, lots) {
  const frozen = frozenOrder(question, votes, tieOrder);
  const drawn = lots.map((lot) => new Map(lot.map((id, at) => [id, at + 1])));
  const place = (lot, id) => lot.get(id) ?? 0;
  return (one, other) => drawn.reduce(
    (found, lot) => found || place(lot, one) - place(lot, other), frozen(one, other),
  );
}

/* Return who of some options may come first: those with nobody before them. */
export function firsts(ids, order) {
  return ids.filter((id) => ids.every((other) => order(id, other) <= 0));
}

/* Return who of equals may come first, or with `last` who may come last.

   A lot says nothing of who was not in it: of those who were in it together one remains, and all others do. */
export function luckiest(equals, order, lots, last = false) {
  const left = new Set(firsts(equals, last ? (one, other) => order(other, one) : order));
  for (const lot of lots) {
    const met = lot.filter((id) => left.has(id));
    const stays = last ? met.at(-1) : met[0];
    met.forEach((id) => { if (id !== stays) { left.delete(id); } });
  }
  return equals.filter((id) => left.has(id));
}
