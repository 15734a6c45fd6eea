// Frames in, out and lost; beside them what the recovery node counts.

import { el, fill } from './dom.js';
import { count, many, words } from './format.js';

const COLUMNS = ['camera', 'in', 'out', 'waiting', 'lost'];

export function showFrames(frames) {
  const rows = frames.cameras.map((camera) => [camera.name || 'image_raw', camera.in, camera.out, camera.waiting, camera.lost]);
  if (frames.recovery_node) {
    const { in: published, out, lost } = frames.recovery_node;
    rows.push(['recovery node', published, out, '', lost]);
  }
  const notes = frames.cameras.flatMap(notesOf);
  if (frames.missed) notes.push(`${many(frames.missed, 'message')} never reached this dashboard: its counts of lost frames are too high`);
  fill('frames',
    el('table', {}, el('thead', {}, el('tr', {}, ...COLUMNS.map((name, number) =>
      el('th', { scope: 'col', class: number ? 'num' : '' }, name)))),
    el('tbody', {}, ...rows.map(row))),
    ...notes.map((note) => el('p', { class: 'detail' }, note)));
}

function row([name, ...numbers]) {
  return el('tr', {}, el('th', { scope: 'row' }, name), ...numbers.map((number, column) =>
    el('td', { class: `num ${column === 3 && number ? 'bad' : ''}` }, number === '' ? '' : count(number))));
}

function notesOf(camera) {
  const who = camera.name ? `${camera.name}: ` : '';
  const notes = Object.entries(camera.reasons).map(([reason, number]) => `${who}${count(number)} lost: ${words(reason)}`);
  if (camera.in === null && camera.out) notes.push(`${who}no camera_info is heard: what is lost cannot be told`);
  if (camera.duplicates) notes.push(`${who}${count(camera.duplicates)} came out twice`);
  if (camera.out_of_order) notes.push(`${who}${count(camera.out_of_order)} came out of order`);
  return notes;
}
