/* What can go wrong. Sentences stand on the page; here they have a key, and values to fill in. */

export class Wrong extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

/* Something in a file has not the form it must have; `inside` says which file. */
export class Misplaced extends Error {}

/* More ways for lots to go than are followed; `winners` are certain all the same. */
export class TooMany extends Error {
  constructor(winners = []) {
    super('too many ways');
    this.winners = winners;
  }
}

export function need(right, key, values) {
  if (!right) { throw new Wrong(key, values); }
}

export function expect(right, what) {
  if (!right) { throw new Misplaced(what); }
}

/* Do something with a file: what has not the right form is a fault of the file of this name. */
export function inside(name, work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Misplaced || error instanceof RangeError) { throw new Wrong('misplaced', { name }); }
    throw error;
  }
}
