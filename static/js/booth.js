/* What this does: templates/ballots/question.html */
(function () {
  'use strict';
  var R = 'wijkstem-r', CHOSEN = 'wijkstem-keuze', page = document.querySelector('[data-booth]');
  var step = page.getAttribute('data-booth'), start = page.getAttribute('data-start');
  var find = function (what) { return document.querySelector(what); };

  function kept(key, text) {
    try {
      if (text) { sessionStorage.setItem(key, text); }
      if (text === '') { sessionStorage.removeItem(key); }
      return sessionStorage.getItem(key) || '';
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

  /* Every field that is filled in: where it stands, and what with. */
  function filled() {
    return [].map.call(document.querySelectorAll('form [id]'), function (field) {
      return /radio|checkbox/.test(field.type) ? [field.id, field.checked ? 1 : 0] : [field.id, field.value];
    }).filter(function (each) { return each[1] && each[1] !== '0'; });
  }
  function fill(list) {
    list.forEach(function (each) {
      var field = document.getElementById(each[0]);
      if (field && each[1] === 1) { field.checked = true; } else if (field) { field.value = each[1]; }
    });
  }

  if (step !== 'receipt') { history.replaceState(null, '', start + location.hash); }

  if (step === 'question') {
    var walk = find('.walk'), letter = mark(find('[name=code]').value);
    if (window.crypto) {
      var r = kept(R);
      if (r.indexOf(letter)) { r = letter + random(); kept(R, r); }
      find('.js-r').value = r.slice(letter.length);
    }
    if (walk) {
      var before = kept(CHOSEN);
      if (before.indexOf(letter) === 0 && !filled().length) { fill(JSON.parse(before.slice(letter.length))); }
      if (!/^#stap-/.test(location.hash)) { location.replace('#' + find('.stage').id); }
      window.addEventListener('hashchange', function () {
        var there = find('.stage:target');
        if (there) { there.focus({ preventScroll: true }); }
      });
    }
    document.addEventListener('change', function () { kept(CHOSEN, letter + JSON.stringify(filled())); });
  }

  if (step === 'again') { kept(R, ''); }

  if (step === 'receipt') {
    kept(R, '');
    kept(CHOSEN, '');
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
    find('.js-print').hidden = false;
    find('.js-print').onclick = function () { window.print(); };
    find('.js-next').onclick = function () { location.replace(start); return false; };
  }

  window.addEventListener('pageshow', function (event) {
    if (!event.persisted) { return; }
    if (step === 'receipt' || !kept(R)) { location.replace(start); }
  });
}());
