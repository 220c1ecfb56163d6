/* Recounts beside the page, so that the page keeps answering. Hears one message: the files or a zip, and what is
   known of them; says every step, and last of all `done`. */

import { recount } from './recount.js';
import { Wrong } from './wrong.js';
import { unzip } from './zip.js';

export async function run({ files, zip, known }, say) {
  try {
    await recount(zip ? await unzip(zip) : new Map(files), known, say);
  } catch (error) {
    if (!(error instanceof Wrong)) { console.error(error); }
    say('wrong', error instanceof Wrong ? error.key : 'broken', error.values ?? {});
  }
  say('done', '', {});
}

if (globalThis.WorkerGlobalScope) {
  globalThis.onmessage = (event) => run(event.data, (kind, key, values) => postMessage({ kind, key, values }));
}
