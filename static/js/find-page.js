/* The page where a vote or a letter is found back: templates/ballots/board/find.html. The lists are fetched whole, and
   looked through here: what is typed stays on this device. */

import { checkReceipt, findLetter, findVote, readLists } from './recount/find.js';
import { fetched, sentence, tell } from './sentences.js';

const find = (what) => document.querySelector(what);
const page = find('.js-find'), receipt = find('.js-receipt');
let lists = null; // fetched when first needed

document.querySelectorAll('.js-here').forEach((part) => { part.hidden = false; });
document.querySelectorAll('.js-without').forEach((part) => { part.hidden = true; });

async function fetchedLists() {
  lists ??= fetched(page.dataset.files, page.dataset.names.split(' ')).then(readLists);
  try {
    return await lists;
  } catch (error) {
    lists = null;
    throw error;
  }
}

/* Show what was marked: a list, with numbers where the order matters. */
function showMarks(holder, marks, ranked) {
  const list = document.createElement(ranked ? 'ol' : 'ul');
  list.append(...marks.map(([label, points]) => {
    const line = document.createElement('li');
    line.textContent = points === null ? label : sentence('with-points', { label, points: Number(points) });
    return line;
  }));
  holder.replaceChildren(...(marks.length ? [list] : []));
}

/* Let a form be answered here. `answers(lists, fields)` returns { key, values, marks }. */
function answer(form, answers) {
  const notice = form.querySelector('.js-answer'), button = form.querySelector('button');
  const typed = (name) => form.querySelector(`[data-field=${name}]`).value;
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    tell(notice, 'searching');
    try {
      const { key, values, marks = [] } = answers(await fetchedLists(), typed);
      tell(notice, key, values);
      showMarks(notice.querySelector('.js-marks'), marks, key === 'found-ranking');
      if (key.startsWith('not-found')) { receipt.hidden = false; }
    } catch (error) {
      showMarks(notice.querySelector('.js-marks'), []);
      tell(notice, error.key ?? 'fetch-failed', error.values);
    }
    button.disabled = false;
    notice.focus();
  };
}

answer(find('.js-vote'), (known, typed) => findVote(known, typed('control')));
answer(find('.js-letter'), (known, typed) => findLetter(known, typed('code')));
answer(receipt, (known, typed) => checkReceipt(known, typed('commitment'), typed('signature'), find('[data-field=control]').value));
