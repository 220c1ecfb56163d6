/* The files in a zip: a bundle or a dossier, also when somebody unpacked and zipped it again. */

import { textOf } from './bytes.js';
import { Wrong, need } from './wrong.js';

const MOST_FILES = 1_000;
export const MOST_BYTES = 256_000_000; // of all files together, when unpacked
const END = 0x06054b50, ENTRY = 0x02014b50, LOCAL = 0x04034b50;

/* Return a Map of bytes by name. Raises Wrong for what is no zip, is broken, or is made to harm. */
export async function unzip(bytes) {
  try {
    return withoutFolder(await unpacked(bytes));
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) { throw new Wrong('unreadable'); }
    throw error;
  }
}

async function unpacked(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), entries = directory(bytes, view);
  need(entries.length <= MOST_FILES, 'too-many-files', { number: entries.length });
  const all = entries.reduce((sum, entry) => sum + entry.size, 0);
  need(all <= MOST_BYTES, 'too-large-together', { number: all });
  need(new Set(entries.map((entry) => entry.name)).size === entries.length, 'zip-twice');
  const files = new Map();
  for (const entry of entries) {
    need(view.getUint32(entry.at, true) === LOCAL, 'unreadable');
    const from = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
    need(from + entry.packed <= bytes.length, 'unreadable');
    const data = bytes.subarray(from, from + entry.packed);
    files.set(entry.name, entry.method === 0 ? data : await inflated(data, entry.size));
    need(files.get(entry.name).length === entry.size, 'unreadable');
  }
  return files;
}

function directory(bytes, view) {
  let end = bytes.length - 22;
  while (end >= 0 && end >= bytes.length - 66_000 && view.getUint32(end, true) !== END) { end--; }
  need(end >= 0 && view.getUint32(end, true) === END, 'unreadable');
  const entries = [], number = view.getUint16(end + 10, true);
  for (let at = view.getUint32(end + 16, true), n = 0; n < number; n++) {
    need(view.getUint32(at, true) === ENTRY, 'unreadable');
    const [method, name, extra, comment] = [10, 28, 30, 32].map((place) => view.getUint16(at + place, true));
    const entry = {
      method, packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true), name: textOf(bytes.subarray(at + 46, at + 46 + name)),
    };
    need(entry.name !== null && (method === 0 || method === 8) && !(view.getUint16(at + 8, true) & 1), 'unreadable');
    if (!entry.name.endsWith('/')) { entries.push(entry); }
    at += 46 + name + extra + comment;
  }
  return entries;
}

/* Unpack what should come to `size` bytes, and no more than that. */
async function inflated(data, size) {
  const found = new Uint8Array(size), reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) { break; }
    if (at + value.length > size) {
      await reader.cancel();
      throw new Wrong('unreadable');
    }
    found.set(value, at);
    at += value.length;
  }
  need(at === size, 'unreadable');
  return found;
}

/* Leave out what computers add by themselves, and the folder that all files may stand in. */
function withoutFolder(files) {
  const last = (name) => name.slice(name.lastIndexOf('/') + 1);
  const kept = [...files].filter(([name]) => (
    !name.startsWith('__MACOSX/') && !['.DS_Store', 'desktop.ini', 'Thumbs.db'].includes(last(name))
  ));
  const folders = new Set(kept.map(([name]) => name.slice(0, name.lastIndexOf('/') + 1)));
  return new Map(folders.size === 1 ? kept.map(([name, data]) => [last(name), data]) : kept);
}
