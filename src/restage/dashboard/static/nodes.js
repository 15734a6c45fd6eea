// Which node is what, and what it says.

import { el, fill } from './dom.js';
import { count } from './format.js';

const HEALTH = { OK: 'good', WARN: 'warn', ERROR: 'bad', STALE: 'bad' };

export function showNodes(nodes) {
  if (!nodes.length) {
    fill('nodes', el('p', { class: 'quiet' }, 'No node was heard of yet.'));
    return;
  }
  const head = el('tr', {}, el('th', { scope: 'col' }, 'node'), el('th', { scope: 'col' }, 'role, state'),
    el('th', { scope: 'col', class: 'num wide-only' }, 'in / out'), el('th', { scope: 'col' }, 'says'));
  fill('nodes', el('table', {}, el('thead', {}, head), el('tbody', {}, ...nodes.map(row))));
}

function row(node) {
  const silent = node.silent_s !== null;
  const says = silent ? `silent for ${node.silent_s.toFixed(1)} s` : node.message || 'alive';
  return el('tr', { class: silent ? 'silent' : '', 'data-node': node.name },
    el('th', { scope: 'row' }, node.name, node.pid ? el('div', { class: 'quiet num' }, `pid ${node.pid}`) : ''),
    el('td', {}, ...roleOf(node, silent)),
    el('td', { class: 'num wide-only' }, node.pid ? `${count(node.in)} / ${count(node.out)}` : ''),
    el('td', { class: 'says' }, el('span', { class: HEALTH[node.health] }, mark(node.health)), ` ${says}`));
}

function roleOf(node, silent) {
  if (!node.pid) return [];
  const role = silent ? `was ${node.role}` : node.role;
  const again = node.restarts ? `, started again ${node.restarts}×` : '';
  return [el('span', { class: `role ${silent ? '' : node.role}` }, role),
    el('div', { class: 'quiet' }, silent ? 'gone' : node.state + again)];
}

const mark = (health) => ({ OK: '●', WARN: '▲', ERROR: '■', STALE: '○' })[health];
