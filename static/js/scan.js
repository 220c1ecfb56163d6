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
  scan();
  window.addEventListener('hashchange', scan);

  window.addEventListener('pageshow', function (event) {
    if (event.persisted) { field.value = ''; busy.hidden = true; }
  });
}());
