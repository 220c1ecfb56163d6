/* What this does: templates/booth_base.html */
(function () {
  'use strict';
  var voices = window.speechSynthesis, button = document.querySelector('.read');
  var lang = document.documentElement.lang, words = button.textContent;
  if (!voices || !window.SpeechSynthesisUtterance) { return; }

  function voice() {
    return voices.getVoices().filter(function (each) { return each.lang.toLowerCase().indexOf(lang) === 0; })[0];
  }
  function show() { button.hidden = !voice(); }
  function stop() {
    voices.cancel();
    button.textContent = words;
  }
  /* A sentence at a time: long texts stop halfway on some phones. */
  function parts() {
    return [].filter.call(document.querySelectorAll('main h1, main h2, main p, main li, main legend, main label'), function (each) {
      return each.offsetParent && !each.closest('.progress');
    }).map(function (each) { return each.textContent.trim(); });
  }
  button.onclick = function () {
    if (voices.speaking) { stop(); return; }
    parts().forEach(function (text, n, all) {
      var said = new SpeechSynthesisUtterance(text);
      said.lang = lang;
      said.voice = voice();
      if (n === all.length - 1) { said.onend = stop; }
      voices.speak(said);
    });
    button.textContent = button.getAttribute('data-stop');
  };
  show();
  voices.onvoiceschanged = show;
  window.addEventListener('hashchange', stop);
  window.addEventListener('pagehide', stop);
}());
