/* What this does: templates/ballots/enter_code.html */
(function () {
  'use strict';
  var form = document.getElementById('code-form');
  var field = document.getElementById('code');
  var busy = document.getElementById('busy');

  function scan() {
    var seen = location.hash.slice(1);
    if (!seen || seen === 'main' || seen === 'code') { return; }
    history.replaceState(null, '', location.pathname + location.search);
    var code = seen.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
    if (/^[0-9A-HJKMNP-TV-Z]{20}$/.test(code)) {
      field.value = code.match(/.{4}/g).join('-');
      busy.hidden = false;
      form.submit();
    }
  }

  /* Keys on the screen: the signs that a code has, for who finds the keyboard of the phone hard. */
  var pad = document.getElementById('pad'), keys = pad.querySelector('.pad__keys');
  '0123456789ABCDEFGHJKMNPQRSTVWXYZ←'.split('').forEach(function (sign) {
    var key = document.createElement('button');
    key.type = 'button';
    key.textContent = sign;
    if (sign === '←') { key.setAttribute('aria-label', keys.getAttribute('data-back')); }
    key.onclick = function () {
      var typed = field.value.replace(/[\s-]/g, '');
      typed = sign === '←' ? typed.slice(0, -1) : typed + sign;
      field.value = (typed.match(/.{1,4}/g) || []).join(' ');
    };
    keys.appendChild(key);
  });
  pad.hidden = false;

  try { document.getElementById('begun').hidden = !sessionStorage.getItem('wijkstem-keuze'); } catch (e) { /* nothing is kept */ }
  scan();
  window.addEventListener('hashchange', scan);

  window.addEventListener('pageshow', function (event) {
    if (event.persisted) { field.value = ''; busy.hidden = true; }
  });
}());
