/* Papers by keyboard (templates/consult/paper/enter.html): the numbers typed and the choices below say the same, what
   they say is told, and Enter goes to the next question before it goes to the next paper. Without this the server reads
   the numbers, and Tab goes to the next question. */
(function () {
  'use strict';
  function all(selector, within) { return Array.prototype.slice.call(within.querySelectorAll(selector)); }
  var questions = all('fieldset[data-question]', document);

  questions.forEach(function (question, n) {
    var field = question.querySelector('.js-numbers'), told = question.querySelector('.js-told');
    var boxes = all('.choice input', question), next = questions[n + 1];

    function tell(wrong) {
      var names = boxes.filter(function (box) { return box.checked; }).map(function (box) {
        return box.nextElementSibling.textContent.trim();
      });
      told.textContent = wrong ? field.getAttribute('data-wrong') : names.join(' · ');
    }
    function read() {
      var typed = field.value.split(/[\s,;+]+/).filter(Boolean).map(Number);
      var wrong = typed.some(function (number) { return !boxes[number - 1]; });
      var single = boxes[0].type === 'radio' && typed.length > 1;
      boxes.forEach(function (box, i) { box.checked = !wrong && !single && typed.indexOf(i + 1) >= 0; });
      tell(wrong);
    }
    if (field) {
      field.addEventListener('input', read);
      boxes.forEach(function (box) {
        box.addEventListener('change', function () {
          field.value = boxes.map(function (each, i) { return each.checked ? i + 1 : 0; }).filter(Boolean).join(' ');
          tell(false);
        });
      });
      if (field.value && !field.hasAttribute('aria-invalid')) { read(); }
    }
    question.addEventListener('keydown', function (event) {
      if (event.key === 'Enter' && next && event.target.tagName === 'INPUT') {
        event.preventDefault();
        next.querySelector('input').focus();
      }
    });
  });
}());
