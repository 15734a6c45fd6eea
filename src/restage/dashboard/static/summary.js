// The system at a glance.

import { el, fill } from './dom.js';
import { count, ms, percent } from './format.js';

const known = {};

export function summarise(section, data) {
  known[section] = data;
  const tiles = [primary(), standby(), lost(), latency(), worst()];
  fill('summary', ...tiles.map(([name, value, more = '', kind = '']) =>
    el('div', {}, el('dt', {}, name), el('dd', { class: kind }, value, more && el('small', {}, ` ${more}`)))));
}

function withRole(role) {
  return (known.nodes ?? []).filter((node) => node.role === role && node.silent_s === null).map((node) => node.name);
}

function primary() {
  const names = withRole('primary');
  return ['Primary', names.join(', ') || 'none', '', names.length === 1 ? '' : 'bad'];
}

function standby() {
  const names = withRole('standby');
  return ['Standby', names.join(', ') || 'none', '', names.length ? '' : 'warn'];
}

function lost() {
  const cameras = known.frames?.cameras ?? [];
  if (!cameras.some((camera) => camera.in !== null)) return ['Frames lost', '–'];
  const sum = (name) => cameras.reduce((all, camera) => all + (camera[name] ?? 0), 0);
  return ['Frames lost', count(sum('lost')), `of ${count(sum('in'))}`, sum('lost') ? 'bad' : ''];
}

function latency() {
  const found = known.latency?.n ? known.latency : null;
  return ['Latency, median', ms(found?.p50), found ? `p99 ${ms(found.p99)}` : ''];
}

function worst() {
  const budget = known.budget;
  if (!budget?.worst) return ['Worst recovery', '–', budget ? `FTTI ${ms(budget.ftti_ms)}` : ''];
  const share = budget.worst.ms / budget.ftti_ms;
  return ['Worst recovery', ms(budget.worst.ms), `${percent(share)} of FTTI`, share > 1 ? 'bad' : ''];
}
