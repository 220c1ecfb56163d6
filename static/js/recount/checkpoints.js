/* What the board said of itself, time and again: how many commitments there were, their root, and the records. */

import { concat, hex, readHex, same, unbase64, utf8 } from './bytes.js';
import { table } from './files.js';
import { Index } from './index.js';
import { list, parse, text } from './json.js';
import { sha256 } from './sha256.js';
import { Tree } from './tree.js';
import { Wrong, inside, need } from './wrong.js';

const COUNT = '(0|[1-9][0-9]{0,8})';
const NOTE = new RegExp(
  `^((wijkstem/[0-9a-f]{32})\\n${COUNT}\\n([A-Za-z0-9+/]{43}=)\\nrecords ${COUNT} ([0-9a-f]{64})\\n)`
  + '\\n— (wijkstem/[0-9a-f]{32}) ([A-Za-z0-9+/]{91}=)\\n$',
);

/* Return a checkpoint that is signed by the board of this poll; null for anything else. */
export function readCheckpoint(note, definition) {
  const found = NOTE.exec(note);
  const name = `wijkstem/${hex(definition.poll)}`;
  if (!found || found[2] !== name || found[7] !== name) { return null; }
  const [, signed, , size, root, records, record, , line] = found;
  const id = sha256(concat(utf8(`${name}\n`), Uint8Array.of(1), definition.boardKey)).subarray(0, 4);
  const signature = unbase64(line), rootBytes = unbase64(root);
  if (!signature || !rootBytes || !same(signature.subarray(0, 4), id)) { return null; }
  if (!definition.signedByBoard(utf8(signed), signature.subarray(4))) { return null; }
  return { size: Number(size), root: rootBytes, records: Number(records), record };
}

/* Read the commitments and the checkpoints, and whichever checkpoint somebody kept.

   Returns `leaves` (by question, how many), `size` (in all) and `questionOf`: the question of a commitment, or none. */
export function checkBoard(files, definition, records, kept, say) {
  const notes = inside('checkpoints.json', () => list(parse(files.get('checkpoints.json')), text));
  const checkpoints = notes.map((note, index) => {
    if (index % 100 === 0) { say('progress', 'board', { done: index, of: notes.length }); }
    const checkpoint = readCheckpoint(note, definition);
    need(checkpoint, 'checkpoint-signature', { number: index + 1 });
    return checkpoint;
  });
  checkpoints.forEach((each, index) => {
    const before = checkpoints[index - 1];
    const grows = !before || (before.size <= each.size && before.records <= each.records);
    need(grows, 'checkpoint-shrinks', { number: index + 1 });
  });
  const mine = kept === null ? null : readCheckpoint(`${kept.replace(/\r\n?/g, '\n').trimEnd()}\n`, definition);
  need(kept === null || mine, 'kept-checkpoint-signature');

  const roots = new Map([...checkpoints, ...(mine ? [mine] : [])].map((each) => [each.size, null]));
  const board = readCommitments(files, definition, roots);
  const hashes = [definition.hash, ...records.hashes];
  const holds = (each) => roots.get(each.size) && same(roots.get(each.size), each.root)
    && hashes[each.records] === each.record;
  checkpoints.forEach((each, index) => need(holds(each), 'checkpoint-differs', { number: index + 1 }));
  const last = checkpoints.at(-1) ?? { size: 0, records: 0 };
  const all = last.size === board.size && last.records === records.hashes.length;
  need(all, 'checkpoint-not-last');
  say('good', 'checkpoints', { number: checkpoints.length, commitments: board.size });
  if (mine) {
    need(holds(mine), 'kept-checkpoint-differs');
    say('good', 'kept-checkpoint', { commitments: mine.size, records: mine.records });
  }
  return board;
}

/* Grow the tree of all commitments; put in `roots` what its root is at the sizes that are asked for. */
function readCommitments(files, definition, roots) {
  const name = 'commitments.csv', lines = table(files, name, 'question;commitment', { sorted: false });
  const leaves = definition.questions.map(() => 0), questions = new Uint8Array(lines.length);
  const commitments = new Index(lines.length), tree = new Tree(), leaf = new Uint8Array(33);
  const note = () => { if (roots.has(tree.size)) { roots.set(tree.size, tree.root()); } };
  note();
  lines.forEach((line, index) => {
    const at = line.indexOf(';'), number = Number(line.slice(0, at));
    const whole = leaves[number - 1] !== undefined && line.startsWith(`${number};`) && line.length === at + 65;
    if (!whole || !readHex(line, at + 1, 32, leaf, 1)) { throw new Wrong('line', { name, line: index + 2 }); }
    leaf[0] = number;
    leaves[number - 1]++;
    if (commitments.add(leaf, 1) < 0) { throw new Wrong('commitment-twice', { name, line: index + 2 }); }
    questions[index] = number;
    tree.add(leaf);
    note();
  });
  return { leaves, size: lines.length, questionOf: (commitment) => questions[commitments.find(commitment)] };
}
