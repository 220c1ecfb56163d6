/* The files of a poll: which there must be, that they are whole, and their lines. */

import { hex, textOf, unhex } from './bytes.js';
import { fields, map, matching, parse, text, whole } from './json.js';
import { sha256File } from './sha256.js';
import { Wrong, inside, need } from './wrong.js';

const ALWAYS = [
  'checkpoints.json', 'commitments.csv', 'definition.json', 'definition.sha256', 'letters.json', 'manifest.json',
  'manifest.sig', 'narekenen.py', 'records.json',
];
const CLOSED = ['outcome.json', 'redemptions.csv'];
const SOMETIMES = ['lots.json', 'openings.csv', 'paper.csv'];
const FOR_OTHERS = /^question-[0-9]+\.pb$/;
const LARGEST_JSON = 64_000_000;

/* Say whether a file is one of the poll's own, and not of the dossier around it. */
export function own(name) {
  return [...ALWAYS, ...CLOSED, ...SOMETIMES].includes(name) || FOR_OTHERS.test(name);
}

/* Do something with the value in a file of canonical JSON; what has not the right form is that file's fault. */
export function withJson(files, name, work) {
  need(files.has(name), 'missing', { name });
  need(files.get(name).length <= LARGEST_JSON, 'too-large', { name });
  return inside(name, () => work(parse(files.get(name))));
}

/* Return the lines of a CSV file below its header. */
export function table(files, name, header, { sorted = true } = {}) {
  need(files.has(name), 'missing', { name });
  const lines = textOf(files.get(name))?.split('\n');
  need(lines && lines[0] === header, 'header', { name, header });
  need(lines.length > 1 && lines.pop() === '', 'half-a-line', { name });
  lines.shift();
  need(!sorted || lines.every((line, at) => !at || lines[at - 1] <= line), 'not-sorted', { name });
  return lines;
}

const VERSION = 1; // of the form of all of these files

/* Every file is in the manifest of this poll with its SHA-256, it names no other, and the board signed it. */
export async function checkManifest(files, definition, say) {
  const listed = withJson(files, 'manifest.json', (value) => {
    const version = whole(map(value).get('version'));
    need(version === VERSION, 'manifest-version', { version });
    const { poll, sha256 } = fields(value, 'version', 'poll', 'sha256');
    need(text(poll) === hex(definition.poll), 'manifest-poll');
    map(sha256).forEach(matching(/^[0-9a-f]{64}$/));
    return sha256;
  });
  for (const name of listed.keys()) { need(files.has(name), 'missing', { name }); }
  for (const [name, data] of files) {
    if (name === 'manifest.json' || name === 'manifest.sig') {
      need(!listed.has(name), 'misplaced', { name: 'manifest.json' });
      continue;
    }
    need(listed.has(name), 'extra', { name });
    say('progress', 'file', { name });
    need(hex(await sha256File(data)) === listed.get(name), 'changed', { name });
  }
  const line = textOf(files.get('manifest.sig') ?? new Uint8Array(0)) ?? '';
  const signature = line.endsWith('\n') ? unhex(line.slice(0, -1), 64) : null;
  const signed = signature && definition.signedByBoard(files.get('manifest.json'), signature);
  need(signed, 'manifest-signature');
  say('good', 'files', { number: listed.size });
}

/* No file of the poll is missing that must be there, or there where it must not be. `few`: too few ballots. */
export function checkNames(files, definition, { withdrawn, few }) {
  const must = new Set([...ALWAYS, ...(withdrawn ? [] : CLOSED), ...(withdrawn || few ? [] : ['openings.csv'])]);
  const may = new Set([...must, ...(withdrawn ? [] : ['lots.json'])]);
  if (!withdrawn && !few) {
    may.add('paper.csv');
    definition.questions.forEach((question) => may.add(`question-${question.number}.pb`));
  }
  for (const name of must) { need(files.has(name), 'missing', { name }); }
  for (const name of files.keys()) {
    if (own(name) && !may.has(name)) { throw new Wrong('unexpected', { name }); }
  }
}
