/* Very many hashes of 32 bytes, each with a number: 0 for the first that was added, and so on.

   A Map of texts would do the same in several times the time and memory. The hashes are of whoever made the file, who
   may have chosen them to fall together: so where each is kept hangs on numbers that are drawn here. */

const FACTORS = crypto.getRandomValues(new Uint32Array(8)).map((factor) => factor | 1);

export class Index {
  #bytes; // the hashes, in order
  #slots; // of each place the number of what is kept there, and one; 0 where it is free

  constructor(expected = 0) {
    this.size = 0;
    let room = 16;
    while (room < 2 * expected) { room *= 2; }
    this.#bytes = new Uint8Array(16 * room);
    this.#slots = new Int32Array(room);
  }

  /* Return the place of a hash, which stands in `bytes` from `at` on: where it is, or where it would be put. */
  #place(bytes, at) {
    let mixed = 0;
    for (let i = 0, from = at; i < 8; i++, from += 4) {
      const word = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
      mixed = (mixed ^ (mixed >>> 15)) + Math.imul(word, FACTORS[i]) | 0;
    }
    const last = this.#slots.length - 1;
    let place = (mixed ^ (mixed >>> 16)) & last;
    while (this.#slots[place] && !this.#is(this.#slots[place] - 1, bytes, at)) { place = (place + 1) & last; }
    return place;
  }

  #is(number, bytes, at) {
    for (let i = 0, from = 32 * number; i < 32; i++) { if (this.#bytes[from + i] !== bytes[at + i]) { return false; } }
    return true;
  }

  /* Return the number of a hash; -1 when it is not there. */
  find(bytes, at = 0) {
    return this.#slots[this.#place(bytes, at)] - 1;
  }

  /* Add a hash. Returns its number; -1 when it was there already. */
  add(bytes, at = 0) {
    if (2 * this.size >= this.#slots.length) { this.#grow(); }
    const place = this.#place(bytes, at);
    if (this.#slots[place]) { return -1; }
    for (let i = 0; i < 32; i++) { this.#bytes[32 * this.size + i] = bytes[at + i]; }
    this.#slots[place] = ++this.size;
    return this.size - 1;
  }

  #grow() {
    const wider = new Index(this.#slots.length);
    for (let number = 0; number < this.size; number++) { wider.add(this.#bytes, 32 * number); }
    this.#bytes = wider.#bytes;
    this.#slots = wider.#slots;
  }
}
