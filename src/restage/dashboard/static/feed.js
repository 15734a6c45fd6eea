// Every error with what was done about it and how long each phase took.

import { el, fill } from './dom.js';
import { clock, many, ms, percent, words } from './format.js';

const OUTCOMES = {
  recovered: ['✓ recovered', 'good'],
  frame_dropped: ['▲ frame dropped', 'warn'],
  failed: ['✗ failed', 'bad'],
};
const STATES = {
  armed: ['armed', 'quiet'],
  fired: ['fired; nothing to recover from yet', 'quiet'],
  cleared: ['over; no recovery was needed', 'quiet'],
  rejected: ['refused', 'warn'],
};

export function showFeed(entries) {
  fill('feed', ...(entries.length ? entries.map(entry)
    : [el('li', { class: 'quiet' }, 'No fault and no recovery since this dashboard listens.')]));
}

function entry(item) {
  const latest = item.recoveries[0];
  const place = latest ?? item.fault;
  const [text, kind] = latest ? OUTCOMES[latest.outcome] : STATES[item.fault.state];
  const times = item.recovery_count > 1 ? ` (${item.recovery_count} recoveries)` : '';
  const where = [place.stage && `in ${place.stage}`, place.node && `of ${place.node}`].filter(Boolean).join(' ');
  return el('li', { 'data-kind': item.kind, 'data-outcome': latest?.outcome },
    el('div', { class: 'line' },
      el('span', {}, el('span', { class: 'quiet num' }, `${clock(item.at)} `), el('strong', {}, item.kind), ` ${where}`),
      el('span', { class: kind }, latest?.total ? `${text} in ${ms(latest.total)}${times}` : text + times)),
    ...(latest ? recovery(latest) : []),
    item.fault?.detail ? el('p', { class: 'detail' }, item.fault.detail) : null);
}

function recovery(event) {
  const steps = event.phases.slice(1);
  const whole = Math.max(event.share ?? 0, 1);
  const long = (phase) => (event.total ? phase.took / event.total * event.share / whole : 0);
  const bars = steps.map((phase) => el('i', {
    class: `p-${phase.name}`,
    style: { width: `${100 * long(phase)}%` },
    title: `${words(phase.name)} +${ms(phase.took)}`,
  }));
  const by = event.by && event.by !== event.node ? ` by ${event.by}` : '';
  return [
    el('div', { class: 'phases', role: 'img', 'aria-label': 'time of each phase, against the FTTI' }, ...bars),
    el('p', { class: 'detail phase-text' }, steps.map((phase) => `${words(phase.name)} +${ms(phase.took)}`).join(' · ')),
    el('p', { class: 'detail' }, [
      `${words(event.tiers.join(', then ') || event.tier)}${by}`,
      `seen by ${words(event.detector)}`,
      `${many(event.lost, 'frame')} lost`,
      event.share === null ? '' : `${percent(event.share)} of the FTTI${event.from === 'injected' ? '' : ', from its detection'}`,
    ].filter(Boolean).join(' · ')),
  ];
}
