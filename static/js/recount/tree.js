/* The tree of RFC 6962, grown leaf by leaf, so that the root at any size on the way is at hand. */

import { hashPadded, pad, padded, sha256 } from './sha256.js';

export class Tree {
  #node = new Uint8Array(padded(65));
  #leaf = new Uint8Array(0);
  #length = -1;
  #peaks = []; // roots of the largest whole trees that the leaves make, from left to right

  constructor() {
    this.size = 0;
    this.#node[0] = 1;
    pad(this.#node, 65);
  }

  #join(left, right) {
    this.#node.set(left, 1);
    this.#node.set(right, 33);
    return hashPadded(this.#node, this.#node.length, new Uint8Array(32));
  }

  /* Add a leaf: its bytes. */
  add(bytes) {
    if (bytes.length !== this.#length) {
      this.#length = bytes.length;
      this.#leaf = new Uint8Array(padded(1 + bytes.length));
      pad(this.#leaf, 1 + bytes.length);
    }
    this.#leaf.set(bytes, 1);
    let peak = hashPadded(this.#leaf, this.#leaf.length, new Uint8Array(32));
    for (let size = this.size++; size & 1; size >>>= 1) { peak = this.#join(this.#peaks.pop(), peak); }
    this.#peaks.push(peak);
  }

  root() {
    if (!this.size) { return sha256(new Uint8Array(0)); }
    return this.#peaks.reduceRight((right, left) => this.#join(left, right));
  }
}
