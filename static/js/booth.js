/* The phone makes r, the random number behind the control code, so the server
   does not choose it. Without this script the server makes it. */
(function () {
  'use strict';
  var KEY = 'wijkstem-r', page = document.querySelector('[data-booth]');
  var step = page.getAttribute('data-booth'), start = page.getAttribute('data-start');
  var find = function (what) { return document.querySelector(what); };

  /* A private window may refuse storage; voting works without. */
  function kept(text) {
    try {
      if (text) { sessionStorage.setItem(KEY, text); }
      if (text === '') { sessionStorage.removeItem(KEY); }
      return sessionStorage.getItem(KEY) || '';
    } catch (e) { return ''; }
  }
  /* 32 bits that tell two letters on one phone apart; the code itself is never kept. */
  function mark(code) {
    var n = 5381, i;
    for (i = 0; i < code.length; i++) { n = (n * 33 ^ code.charCodeAt(i)) >>> 0; }
    return n.toString(16) + ':';
  }
  function random() {
    var bytes = new Uint8Array(32), text = '', i;
    window.crypto.getRandomValues(bytes);
    for (i = 0; i < 32; i++) { text += ('0' + bytes[i].toString(16)).slice(-2); }
    return text;
  }

  /* Back and reload lead to the start, not to the browser's "send the form again?"; the code is not kept. */
  if (step !== 'receipt') { history.replaceState(null, '', start); }

  if (step === 'question' && window.crypto) {
    /* Kept until the receipt: who goes back and sends again, sends the same. */
    var letter = mark(find('[name=code]').value), r = kept();
    if (r.indexOf(letter)) { r = letter + random(); kept(r); }
    find('.js-r').value = r.slice(letter.length);
  }

  if (step === 'receipt') {
    kept('');
    var box = find('.js-codes'), said = find('.js-copied'), copy = find('.js-copy');
    copy.hidden = false;
    copy.onclick = function () {
      box.hidden = false;
      box.select();
      if (document.execCommand('copy')) { said.textContent = said.getAttribute('data-text'); }
      box.hidden = true;
      copy.focus();
    };
    /* Next person: this page leaves the history. */
    find('.js-next').onclick = function () { location.replace(start); return false; };
  }

  /* Kept in memory and shown again: after the vote, nothing of it; before, Back may. */
  window.addEventListener('pageshow', function (event) {
    if (!event.persisted) { return; }
    if (step === 'receipt' || !kept()) { location.replace(start); }
  });
}());
