// A button for every kind of fault; shown only where pressing it can do something.

import { at, el, fill, pill } from './dom.js';
import { forgetToken, token } from './token.js';

let kinds = [];
let system = null;
let drawn = '';

export function setKinds(found) {
  kinds = found;
  show();
}

export function setSystem(found) {
  system = found;
  show();
}

function show() {
  if (!system || !kinds.length) return;
  const allowed = Boolean(token()) && system.injection;
  const state = JSON.stringify([allowed, token(), system.proxy, system.stages, system.detectors, kinds.length]);
  if (state === drawn) return;
  drawn = state;
  pill('mode', allowed ? 'faults allowed' : token() ? 'faults off' : 'read-only', allowed ? 'warn' : '');
  if (!allowed) {
    fill('faults', el('p', { class: 'quiet' }, token()
      ? 'This system takes no faults: it was started without allow_fault_injection.'
      : 'Read-only. To inject faults, open the address with the token that the dashboard printed when it started.'));
    return;
  }
  const target = keep('fault-target', ['primary', 'standby', ...system.detectors]);
  const stage = keep('fault-stage', ['any', ...system.stages]);
  const classes = [...new Set(kinds.map((kind) => kind.class))];
  fill('faults',
    el('div', { class: 'choices' }, el('label', {}, 'into ', target), el('label', {}, 'stage ', stage)),
    el('div', { class: 'classes' }, ...classes.map(group)));
}

// A select that keeps what was chosen when its options change.
function keep(id, options) {
  const before = at(id)?.value;
  const select = el('select', { id }, ...options.map((name) => el('option', {}, name)));
  if (options.includes(before)) select.value = before;
  return select;
}

function group(name) {
  const members = kinds.filter((kind) => kind.class === name);
  return el('div', { class: 'class', role: 'group', 'aria-label': `faults ${name}` }, el('span', {}, name),
    el('div', { class: 'buttons' }, ...members.map(button)));
}

function button(kind) {
  const off = kind.place === 'stream' && !system.proxy;
  return el('button', {
    type: 'button',
    'data-kind': kind.kind,
    title: off ? `${kind.mechanism}. Needs fault_proxy:=true.` : kind.mechanism,
    disabled: off,
    onclick: () => inject(kind),
  }, kind.kind.slice(kind.class.length + 1).replace(/_$/, '').replaceAll('_', ' '));
}

async function inject(kind) {
  const body = { kind: kind.kind };
  if (kind.place === 'detector') {
    body.target = at('fault-target').value;
    body.stage = at('fault-stage').value === 'any' ? '' : at('fault-stage').value;
  }
  say(`${kind.kind}: asking …`);
  try {
    const answer = await fetch('inject', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token()}` },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (answer.status === 403) forgetToken();
    say(answer.ok ? `${said.kind}: ordered as ${said.id}` : `${kind.kind}: ${said.error}`, !answer.ok);
    show();
  } catch (error) {
    say(`${kind.kind}: the dashboard does not answer (${error.message})`, true);
  }
}

function say(text, wrong = false) {
  at('fault-said').textContent = text;
  at('fault-said').className = `said ${wrong ? 'bad' : ''}`;
}
