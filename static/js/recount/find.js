/* Find a vote back by its control code, and see whether a letter was used: on lists that are already here, so that
   nobody is told what was looked for. */

import { H, controlCode, hex, textOf, unhex } from './bytes.js';
import { proofs, readCode, readControl } from './codes.js';
import { readDefinition } from './definition.js';
import { length, marks, split } from './paper.js';
import { readRecords } from './records.js';
import { verify } from './signatures.js';

const silent = () => {};

/* Return the definition and the letters that count. Raises Wrong for files that are none. */
export function readLists(files) {
  const definition = readDefinition(files, null, silent);
  return { definition, state: readRecords(files, definition, silent), files };
}

function lines(files, name) {
  return files.has(name) ? (textOf(files.get(name)) ?? '').split('\n').slice(1, -1) : null;
}

/* Look for a control code. Returns { key, values }: the sentence that says what was found, and what goes in it; and
   `marks`, for a vote that is open: what was marked, as [label, points or null]. */
export function findVote({ definition, state, files }, typed) {
  const { code, problem, values } = readControl(typed);
  if (problem) { return { key: problem, values }; }
  const opened = lines(files, 'openings.csv')?.find((line) => line.split(';', 2)[1] === code);
  const sealed = lines(files, 'commitments.csv')?.find((line) => {
    const commitment = unhex(line.slice(line.indexOf(';') + 1), 32);
    return commitment && controlCode(commitment) === code;
  });
  if (opened) {
    const [number, , commitment, secret, marking] = opened.split(';'), question = definition.questions[Number(number) - 1];
    if (!question || !holds(definition.poll, question, commitment, secret, marking) || sealed !== `${number};${commitment}`) {
      return { key: 'found-broken', values: { code } };
    }
    const words = marks(marking).map((mark) => {
      const [id, points] = question.points ? split(mark) : [mark, null];
      return [question.byId.get(id)?.label ?? id, points];
    });
    const key = words.length ? (question.kind === 'ranking' ? 'found-ranking' : 'found') : 'found-blank';
    return { key, values: { code, question: question.text }, marks: words };
  }
  if (sealed) { return { key: 'found-sealed', values: { code } }; }
  const closed = files.has('outcome.json'); // without openings: too few ballots to publish them
  if (state.withdrawn) { return { key: 'not-found-withdrawn', values: { code } }; }
  return { key: closed ? 'not-found' : 'not-found-yet', values: { code } };
}

/* Say whether a commitment is that of this marking. */
function holds(poll, question, commitment, secret, marking) {
  const r = unhex(secret ?? '', 32);
  if (!r || marking === undefined) { return false; }
  return hex(H('stem', poll, String(question.number), r, marking.padEnd(length(question)))) === commitment;
}

/* Check the signature of a receipt. Returns the key of the sentence. `control` may be empty. */
export function checkReceipt({ definition }, commitment, signature, control = '') {
  const clean = (text) => text.replace(/\s/g, '').toLowerCase();
  const made = unhex(clean(commitment), 32), signed = unhex(clean(signature), 64);
  if (!made) { return { key: 'receipt-commitment', values: {} }; }
  if (!signed) { return { key: 'receipt-form', values: {} }; }
  if (control && readControl(control).code !== controlCode(made)) { return { key: 'receipt-other', values: {} }; }
  const right = verify(definition.receiptKey, H('bon', definition.poll, made), signed);
  return { key: right ? 'receipt-right' : 'receipt-wrong', values: { code: controlCode(made) } };
}

/* Look up the letter of a code. Returns { key, values }. */
export function findLetter({ definition, state, files }, typed) {
  const { contested } = state;
  const { code, problem, values } = readCode(typed);
  if (problem) { return { key: problem, values }; }
  const proof = proofs(definition.poll, code), p = hex(proof.p), h = hex(proof.h);
  if (state.number(h) < 0) { return { key: 'letter-not-listed', values: {} }; }
  const used = lines(files, 'redemptions.csv');
  const line = used?.find((each) => each.startsWith(`${p};`));
  const gone = !state.good(h);
  if (line) {
    const key = contested.has(h) ? 'letter-contested' : line.endsWith(';paper') ? 'letter-used-paper' : 'letter-used-web';
    return { key: gone ? 'letter-used-void' : key, values: {} };
  }
  if (gone) { return { key: 'letter-void-now', values: {} }; }
  if (state.withdrawn) { return { key: 'letter-withdrawn', values: {} }; }
  return { key: used ? 'letter-unused' : 'letter-listed', values: {} };
}
