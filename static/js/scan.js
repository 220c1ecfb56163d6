/* The code in the letter's QR stands after the #, which no server ever sees.
   This reads it, wipes it from the address bar (and so from the history), and
   sends it in the body of a POST. Without this script the field does the same. */
(function () {
  'use strict';
  var form = document.getElementById('code-form');
  var field = document.getElementById('code');
  var busy = document.getElementById('busy');

  function scan() {
    var seen = location.hash.slice(1);
    if (!seen || seen === 'main' || seen === 'code') { return; }
    history.replaceState(null, '', location.pathname + location.search);
    /* As forgiving as the server, which checks the check symbols. */
    var code = seen.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
    if (/^[0-9A-HJKMNP-TV-Z]{20}$/.test(code)) {
      field.value = code.match(/.{4}/g).join('-');
      busy.hidden = false;
      form.submit();
    }
  }
  scan();
  window.addEventListener('hashchange', scan);

  /* Back to a page kept in memory: nobody may find the last code in the field. */
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) { field.value = ''; busy.hidden = true; }
  });
}());
