/* The page that recounts: templates/ballots/board/recount.html. Nothing that is typed or chosen here is sent. */

import { readHash } from './recount/definition.js';
import { MOST_BYTES } from './recount/zip.js';
import { Wrong } from './recount/wrong.js';
import { fetched, sentence, tell } from './sentences.js';

const find = (what) => document.querySelector(what);
const form = find('.js-recount'), list = find('.js-steps'), doing = find('.js-doing'), end = find('.js-end');
const button = form.querySelector('button');

form.hidden = false;
find('.js-without').hidden = true;

/* Show one thing that was said. */
function show(kind, key, values) {
  if (kind === 'progress') {
    doing.hidden = false;
    doing.querySelector('.js-text').textContent = sentence(key, values);
    const bar = doing.querySelector('progress');
    if (values.of) { bar.max = values.of; bar.value = values.done; } else { bar.removeAttribute('value'); }
    return;
  }
  if (kind === 'wrong' || kind === 'end') {
    tell(end, key, values);
    end.querySelector('.js-title').textContent = sentence(kind === 'wrong' ? 'title-wrong' : 'title-end');
    return;
  }
  if (kind === 'done') {
    doing.hidden = true;
    button.disabled = false;
    end.focus();
    return;
  }
  const line = document.createElement('li'), text = document.createElement('span');
  line.className = kind === 'warning' ? 'is-now' : 'is-done';
  text.className = kind === 'answer' ? 'timeline__when' : 'timeline__label';
  text.textContent = sentence(key, values);
  if (kind === 'answer') { list.lastElementChild.append(text); return; }
  line.append(text);
  list.append(line);
}

/* Recount in a worker; on the page itself where the browser has no such workers. */
function start(job) {
  const worker = new Worker(new URL('./recount/worker.js', import.meta.url), { type: 'module' });
  let heard = false;
  worker.onmessage = ({ data: { kind, key, values } }) => {
    heard = true;
    show(kind, key, values);
    if (kind === 'done') { worker.terminate(); }
  };
  worker.onerror = async () => {
    worker.terminate();
    if (heard) { show('wrong', 'broken', {}); show('done', '', {}); return; }
    const { run } = await import('./recount/worker.js');
    await run(job, show);
  };
  worker.postMessage(job);
}

async function job() {
  const hash = readHash(find('.js-hash').value), checkpoint = find('.js-checkpoint').value.trim() || null;
  const [chosen] = find('.js-zip').files;
  if (chosen) {
    if (chosen.size > MOST_BYTES) { throw new Wrong('too-large-together', { number: chosen.size }); }
    return { zip: new Uint8Array(await chosen.arrayBuffer()), known: { hash, checkpoint } };
  }
  const base = form.dataset.files, known = (name) => show('progress', 'fetching', { name });
  const own = await fetched(base, ['manifest.json', 'manifest.sig'], known);
  let names;
  try {
    names = Object.keys(JSON.parse(new TextDecoder().decode(own.get('manifest.json'))).sha256);
  } catch { throw new Wrong('misplaced', { name: 'manifest.json' }); }
  const files = await fetched(base, names.filter((name) => !own.has(name)), known);
  return { files: [...own, ...files], known: { hash, checkpoint } };
}

form.onsubmit = async (event) => {
  event.preventDefault();
  button.disabled = true;
  list.textContent = '';
  end.hidden = true;
  try {
    start(await job());
  } catch (error) {
    show('wrong', error instanceof Wrong ? error.key : 'fetch-failed', error.values ?? {});
    show('done', '', {});
  }
};
