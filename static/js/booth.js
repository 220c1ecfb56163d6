/* What this does: templates/ballots/question.html */
(function () {
  'use strict';
  var KEY = 'wijkstem-r', page = document.querySelector('[data-booth]');
  var step = page.getAttribute('data-booth'), start = page.getAttribute('data-start');
  var find = function (what) { return document.querySelector(what); };

  function kept(text) {
    try {
      if (text) { sessionStorage.setItem(KEY, text); }
      if (text === '') { sessionStorage.removeItem(KEY); }
      return sessionStorage.getItem(KEY) || '';
    } catch (e) { return ''; }
  }
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

  if (step !== 'receipt') { history.replaceState(null, '', start); }

  if (step === 'question' && window.crypto) {
    var letter = mark(find('[name=code]').value), r = kept();
    if (r.indexOf(letter)) { r = letter + random(); kept(r); }
    find('.js-r').value = r.slice(letter.length);
  }

  if (step === 'receipt') {
    kept('');
    [].forEach.call(document.querySelectorAll('.js-copy'), function (copy) {
      var box = find(copy.getAttribute('data-box')), said = copy.nextElementSibling, unseen = box.hidden;
      copy.hidden = false;
      copy.onclick = function () {
        box.hidden = false;
        box.select();
        if (document.execCommand('copy')) { said.textContent = said.getAttribute('data-text'); }
        box.hidden = unseen;
        copy.focus();
      };
    });
    find('.js-next').onclick = function () { location.replace(start); return false; };
  }

  window.addEventListener('pageshow', function (event) {
    if (!event.persisted) { return; }
    if (step === 'receipt' || !kept()) { location.replace(start); }
  });
}());
