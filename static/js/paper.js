/* What this does: templates/ballots/_paper.html */
(function () {
  'use strict';
  function all(what, where) { return [].slice.call(where.querySelectorAll(what)); }
  function fill(text, n, m) { return text.replace('{n}', n).replace('{m}', m); }
  function sum(list, of) { return list.reduce(function (total, each) { return total + of(each); }, 0); }
  function checks(field) { return /radio|checkbox/.test(field.type); }
  function cost(field) { return +(field.dataset.cost || 0); }
  function money(cents, marks) {
    var rest = cents % 100, whole = String((cents - rest) / 100).replace(/\B(?=(\d{3})+$)/g, marks[0]);
    return '€\u00a0' + whole + (rest ? marks[1] + ('0' + rest).slice(-2) : '');
  }
  function amount(field) {
    if (field.type === 'checkbox') { return field.checked ? 1 : 0; }
    return /^\s*\d*\s*$/.test(field.value) ? +field.value : NaN;
  }

  function lines(fields, limits, words, theme) {
    var found = [], chosen = fields.filter(amount), n = chosen.length, left;
    function say(text) { if (text) { found.push({ text: text }); } }
    function wrong(text) { found.push({ text: text, wrong: true }); }
    if (limits.most) {
      if (n > limits.most) { wrong(fill(words.over, n - limits.most));
      } else if (theme) { say(fill(words.theme, n, limits.most));
      } else if (n < (limits.least || 0)) { say(fill(words.few, limits.least - n));
      } else { say(fill(n < limits.most ? words.room : words.full, n, limits.most - n)); }
    }
    if (limits.budget) {
      left = limits.budget - sum(chosen, cost);
      if (left < 0) { wrong(fill(words.over, money(-left, words.marks))); } else { say(fill(words.left, money(left, words.marks))); }
    }
    if (limits.points) {
      left = limits.points - sum(fields, amount);
      if (isNaN(left)) { wrong(words.whole);
      } else if (left < 0) { wrong(fill(words.overgiven, -left));
      } else if (chosen.some(function (field) { return amount(field) > limits.each; })) {
        wrong(fill(words.each, limits.each));
      } else { say(left > 1 ? fill(words.points, left) : left ? words.point : words.given); }
    }
    return found;
  }

  /* The line stays short on a small phone: of what is wrong one thing, where there is more than one theme. */
  function short(text) { return text.length > 24 ? text.slice(0, 23) + '…' : text; }
  function brief(found, themes, words) {
    var wrong = found.filter(function (line) { return line.wrong; });
    if (themes.length > 1) { wrong.push({ text: words.themes.replace('{n}', themes.length), wrong: true }); }
    if (themes.length === 1) { wrong.push({ text: short(themes[0].name) + ': ' + themes[0].wrong, wrong: true }); }
    return wrong.length ? wrong : found;
  }

  /* What the server said was wrong goes when it is mended. Nothing is said of that: the running line says how it
     stands. What stands above would pull the page along, so the page is moved back by as much. */
  var summary = document.querySelector('.error-summary');
  function forget(links, marks, still) {
    var at = still.getBoundingClientRect().top;
    if (!summary) { return; }
    summary.removeAttribute('role');
    document.documentElement.style.overflowAnchor = 'none';
    links.forEach(function (link) { link.parentNode.parentNode.removeChild(link.parentNode); });
    marks.forEach(function (mark) {
      mark.classList.remove('is-wrong', 'field--wrong');
      all('[aria-invalid]', mark).forEach(function (field) { field.removeAttribute('aria-invalid'); });
      all('.wrong', mark).forEach(function (said) {
        all('[aria-describedby~="' + said.id + '"]', document).forEach(function (field) {
          var rest = field.getAttribute('aria-describedby').replace(said.id, '').trim();
          if (rest) { field.setAttribute('aria-describedby', rest); } else { field.removeAttribute('aria-describedby'); }
        });
        said.parentNode.removeChild(said);
      });
    });
    if (!summary.querySelector('li')) {
      summary.parentNode.removeChild(summary);
      summary = null;
    }
    window.scrollBy(0, still.getBoundingClientRect().top - at);
  }
  function linked(start) { return summary ? all('a[href' + start + '"]', summary) : []; }

  function mend(question, event, good) {
    var card = event.target.closest('.entry');
    if (!summary) { return; }
    if (good) {
      forget(linked('^="#' + question.id + '-'), [question].concat(all('.is-wrong', question)), event.target);
    } else if (card && amount(event.target) >= 0) {
      forget(card.querySelector('.wrong') ? linked('="#' + event.target.id) : [], [card], event.target);
    }
  }

  function show(where, found) {
    var text = found.map(function (line) { return line.text; }).join(' · ');
    if (where.textContent !== text) { where.textContent = text; }
    where.classList.toggle('is-wrong', found.some(function (line) { return line.wrong; }));
  }

  /* Give an option another place, 0 for none: who stands there moves along, as far as the nearest gap. */
  function move(field, to, fields, most) {
    var from = +field.dataset.was;
    field.value = 0;
    function taken(place) { return fields.some(function (other) { return +other.value === place; }); }
    function free(place, step) {
      while (place > 0 && place <= most && taken(place)) { place += step; }
      return place;
    }
    var gap = to;
    if (taken(to)) {
      gap = from || free(to, 1);
      if (gap > most) { gap = free(to, -1) || gap; }
    }
    fields.forEach(function (other) {
      var place = +other.value;
      if (!place) { return; }
      if (!to) { if (place > from) { place -= 1; }
      } else if (place >= to && place < gap) { place = place < most ? place + 1 : 0;
      } else if (place > gap && place <= to) { place -= 1; }
      other.value = place;
    });
    field.value = to;
  }

  function help(question) {
    var bar = question.querySelector('.tally'), undo = bar.nextElementSibling, words = JSON.parse(bar.getAttribute('data-words'));
    var blank = question.querySelector('.choice--blank input'), taps = question.querySelector('.js-taps'), timer;
    var fields = all('input, select', question).filter(function (field) { return field !== blank; });

    /* Would the server take it? `found` is what the running line says. */
    function good(found) {
      var chosen = fields.filter(amount), limits = question.dataset;
      if (found.some(function (line) { return line.wrong; })) { return false; }
      if (blank.checked) { return true; }
      if (taps && chosen.some(function (field) { return +field.value > chosen.length; })) { return false; }
      return chosen.length >= (limits.least || 1) && sum(chosen, amount) >= (limits.give || 1);
    }

    function update(event) {
      clearTimeout(timer);
      var found = lines(fields, question.dataset, words), themes = [];
      all('.theme__left', question).forEach(function (left) {
        var theme = left.parentNode.parentNode, name = left.previousElementSibling.textContent;
        var its = lines(all('input', theme), theme.dataset, words, true);
        var wrong = its.filter(function (line) { return line.wrong; }).map(function (line) { return line.text; });
        show(left, its);
        if (wrong.length) { themes.push({ name: name, wrong: wrong[0] }); }
      });
      found = brief(found, themes, words);
      if (blank.checked) {
        found = fields.some(amount) ? [{ text: words.mixed, wrong: true }] : [{ text: words.blank }];
      }
      show(bar, found);
      if (question.dataset.budget) {
        var part = Math.min(1, sum(fields.filter(amount), cost) / question.dataset.budget);
        bar.style.backgroundSize = 100 * part + '% .375rem';
      }
      if (event && event.target.closest) { mend(question, event, good(found)); }
      if (taps) { fields.forEach(function (field) { field.dataset.was = field.value; place(field); }); }
    }
    function place(field) {
      var card = field.parentNode.parentNode, n = +field.value;
      card.classList.toggle('is-chosen', n > 0);
      card.setAttribute('data-place', n || '');
    }

    /* What stood there before each change, to go back to. */
    var steps = [], stands = state();
    function state() { return fields.concat(blank).map(function (field) { return checks(field) ? field.checked : field.value; }); }
    /* Let the page know, as a change by hand does by itself. */
    function told() { question.dispatchEvent(new CustomEvent('change', { bubbles: true })); }
    function remember() {
      var now = state();
      if (String(now) !== String(stands)) { steps.push(stands); }
      stands = now;
      undo.disabled = !steps.length;
    }
    undo.onclick = function () {
      stands = steps.pop();
      fields.concat(blank).forEach(function (field, n) {
        if (checks(field)) { field.checked = stands[n]; } else { field.value = stands[n]; }
      });
      update();
      undo.disabled = !steps.length;
      if (undo.disabled) { fields[0].focus(); }
      told();
    };

    bar.parentNode.hidden = false;
    question.addEventListener('change', function (event) {
      if (event.target === question) { return; }
      if (taps && event.target !== blank) { move(event.target, +event.target.value, fields, +question.dataset.most); }
      update(event);
      remember();
    });
    question.addEventListener('input', function (event) {
      clearTimeout(timer);
      timer = setTimeout(function () { update(event); }, 600);
    });
    if (taps) {
      taps.hidden = false;
      question.classList.add('taps');
      question.addEventListener('click', function (event) {
        var card = event.target.closest('.entry'), field = card && card.querySelector('select'), next = 1;
        if (!card || /SELECT|OPTION/.test(event.target.tagName)) { return; }
        event.preventDefault();
        while (fields.some(function (other) { return +other.value === next; })) { next += 1; }
        if (+field.value || next <= +question.dataset.most) {
          move(field, +field.value ? 0 : next, fields, +question.dataset.most);
          update(event);
          remember();
          told();
        }
      });
    }
    update();
    window.addEventListener('pageshow', function () { update(); });
  }

  all('.question', document).forEach(function (question) {
    if (question.querySelector('.tally')) { help(question);
    } else { question.addEventListener('change', function (event) { mend(question, event, true); }); }
  });
}());
