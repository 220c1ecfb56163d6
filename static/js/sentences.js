/* The sentences of a page stand in the page itself, by their key, where translators can reach them. Here they are
   filled in. */

const MOST = 1_000; // signs of a value: whoever made the file chose them
const stored = document.querySelector('.js-sentences').content;
const numbers = new Intl.NumberFormat(`${document.documentElement.lang || 'nl'}-u-nu-latn`); // digits as on the letter

function shown(value) {
  if (typeof value === 'number') { return numbers.format(value); }
  const text = String(value).replace(/\p{C}/gu, '?');
  return text.length > MOST ? `${text.slice(0, MOST)}…` : text;
}

/* Return the sentence of this key with these values in it; a key without a sentence says so. */
export function sentence(key, values = {}) {
  const found = stored.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const text = (found ?? stored.querySelector('[data-key="unknown"]')).textContent.trim();
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name] ?? (name === 'key' ? key : '')));
}

/* Return the kind of notice that a sentence is: info, success, warning or wrong. */
function kindOf(key) {
  return stored.querySelector(`[data-key="${CSS.escape(key)}"]`)?.dataset.kind ?? 'wrong';
}

/* Put a sentence in a notice that is there already, and let it be read aloud. */
export function tell(notice, key, values) {
  notice.className = notice.className.replace(/ notice--\w+|$/, ` notice--${kindOf(key)}`);
  notice.hidden = false;
  notice.querySelector('.js-text').textContent = sentence(key, values);
}

/* Return the bytes of files by their name. Raises Error where one cannot be fetched. */
export async function fetched(base, names, heard = () => {}) {
  const files = new Map();
  for (const name of names) {
    heard(name);
    const answer = await fetch(base + encodeURIComponent(name), { cache: 'no-cache', credentials: 'omit' });
    if (!answer.ok) { throw new Error(`${answer.status}: ${name}`); }
    files.set(name, new Uint8Array(await answer.arrayBuffer()));
  }
  return files;
}
