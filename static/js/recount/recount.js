/* Recount a poll from its files, step by step (docs/bundle.md, "Recounting"). Nothing here knows where the files
   come from, and nothing of what is found out is sent anywhere. */

import { checkLetters, checkRedemptions, checkUnopened, readBallots } from './ballots.js';
import { checkBoard } from './checkpoints.js';
import { readDefinition } from './definition.js';
import { checkManifest, checkNames, own } from './files.js';
import { checkFew, checkOutcome, couldChange, readLots, readOutcomes } from './outcome.js';
import { tally, together } from './paper.js';
import { checkForOthers } from './pb.js';
import { readRecords } from './records.js';
import { Wrong, inside } from './wrong.js';

/* Check everything there is to check.

   `files`: a Map of bytes by name. `hash`: that of the definition as it stands on a letter, or null. `checkpoint`: the
   text of one that somebody kept, or null. `say(kind, key, values)` hears every step: kinds are good, note, warning,
   answer, progress, and last of all wrong or end. Sentences belong to the page; it knows them by these keys.

   Returns 'right', 'wrong', or 'unpublished' when too few ballots, or a withdrawal, left nothing to count. */
export async function recount(files, { hash = null, checkpoint = null } = {}, say = () => {}) {
  try {
    return await steps(files, hash, checkpoint, say);
  } catch (error) {
    if (!(error instanceof Wrong)) { throw error; }
    say('wrong', error.key, error.values);
    return 'wrong';
  }
}

async function steps(files, hash, checkpoint, say) {
  const definition = readDefinition(files, hash, say);
  await checkManifest(files, definition, say);
  const state = readRecords(files, definition, say);
  const board = checkBoard(files, definition, state, checkpoint, say);
  const numbers = checkLetters(files, state, say);
  const few = numbers.used < definition.floor;
  checkNames(files, definition, { withdrawn: state.withdrawn, few });
  if (state.withdrawn) {
    checkUnopened(board, numbers, true);
    say('end', state.withdrawn === 'restart' ? 'restarted' : 'withdrawn', {});
    return 'unpublished';
  }
  checkRedemptions(files, definition, state, numbers, say);
  const lots = readLots(files, definition, state.closes), outcomes = readOutcomes(files, definition);
  if (few) {
    checkUnopened(board, numbers, false);
    checkFew(definition, board, state.sent, lots, outcomes, say);
    sayRecords(state, say);
    say('end', 'few', { floor: definition.floor });
    return 'unpublished';
  }
  const boxes = readBallots(files, definition, board, numbers, say);
  const each = definition.questions.map((question, at) => [question, definition.rules[at], outcomes[at], boxes[at], lots[at]]);
  const whole = each.map(([question, rule, outcome, box, drawn]) => inside(
    'outcome.json', () => checkOutcome(question, rule, box, state.sent, drawn, outcome, say),
  ));
  inside('outcome.json', () => checkForOthers(files, definition, boxes, outcomes, say));
  sayRecords(state, say);
  for (const [question, rule, outcome, box] of state.contested.size ? each : []) {
    const cast = tally(question, together(box.values())).size;
    const could = couldChange(question, rule, outcome, state.sent, state.contested.size, cast);
    say('warning', `contested-${could}`, { question: question.number });
  }
  const others = [...files.keys()].filter((name) => !own(name)).sort();
  if (others.length) { say('note', 'others', { names: others.join(', ') }); }
  say('end', hash === null ? 'consistent' : whole.every(Boolean) ? 'right' : 'right-but-ties', {});
  return 'right';
}

/* Say what of the records everybody should know who reads the outcome. */
function sayRecords(state, say) {
  if (state.contested.size) { say('warning', 'contested', { number: state.contested.size }); }
  if (state.missing) { say('warning', 'restored', { number: state.missing }); }
}
