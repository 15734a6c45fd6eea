// A Gantt chart: a row for each frame, from the beginning of its first stage.

import { at, el, fill } from './dom.js';
import { ms, words } from './format.js';

const COLOURS = 6;

export function showTimeline({ stages, last, erred }) {
  if (!last.length && !erred.length) {
    fill('timeline', el('p', { class: 'quiet' },
      'No stage times: the detectors say them with stage_status_every:=5 (dashboard:=true sets it).'));
    fill('timeline-legend');
    return;
  }
  const groups = [...new Set(stages.map(groupOf))];
  const longest = Math.max(...[...last, ...erred].map((row) => row.total), 1);
  const rows = (frames) => frames.map((frame) => row(frame, groups, stages, longest));
  fill('timeline-legend', ...groups.map((name, number) =>
    el('span', {}, el('i', { class: `c${number % COLOURS}` }), name)));
  at('timeline').classList.toggle('named', [...last, ...erred].some((frame) => frame.camera));
  fill('timeline', el('div', { class: 'gantt' },
    erred.length ? el('h3', {}, 'last frames') : null, ...rows(last),
    erred.length ? el('h3', {}, 'last frames with an error') : null, ...rows(erred)),
  el('div', { class: 'scale', 'aria-hidden': 'true' }, el('span', {}, '0'), el('span', {}, ms(longest))));
}

const groupOf = (stage) => stage.split('.')[0];

function row(frame, groups, stages, longest) {
  const left = (value) => `${100 * value / longest}%`;
  const bars = frame.bars.map((bar) => el('span', {
    class: bar.error ? 'error'
      : `c${Math.max(0, groups.indexOf(groupOf(bar.stage))) % COLOURS} ${bar.stage.split('.')[1] % 2 ? 'odd' : ''}`,
    style: { left: left(bar.from), width: left(bar.ms) },
    title: `${bar.stage} of ${bar.node}: ${ms(bar.ms)}${bar.error ? ', error' : ''}`,
  }));
  const marks = frame.marks.map((mark) => el('span', {
    class: `mark ${mark.what === 'resumed' ? '' : 'error'}`,
    style: { left: left(mark.at) },
    title: `${mark.what} ${mark.stage ? `in ${mark.stage} ` : ''}of ${mark.node} ${mark.text}`,
  }));
  const who = `${frame.camera ? `${frame.camera}: ` : ''}${frame.nodes.map((node) => node.replace('detection_', '')).join(' → ')}`;
  const said = frame.marks.map((mark) => `${words(mark.what)} at ${ms(mark.at)}`).join(', ');
  return el('div', { class: 'row' },
    el('span', { class: 'who', title: [frame.camera, frame.nodes.join(' → ')].filter(Boolean).join(': ') }, who || '–'),
    el('div', { class: 'track', role: 'img', 'aria-label': `${frame.outcome} after ${ms(frame.total)}${said ? `; ${said}` : ''}` },
      ...bars, ...marks),
    el('span', { class: 'num' }, ms(frame.total)));
}
