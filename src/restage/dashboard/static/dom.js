// Elements without markup in strings: what comes from the system is only ever text.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'style') Object.assign(element.style, value);
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== ''));
  return element;
}

export const at = (id) => document.getElementById(id);

export function fill(id, ...children) {
  at(id).replaceChildren(...children.filter((child) => child !== null));
}

export function pill(id, text, kind = '') {
  const element = at(id);
  if (element.textContent !== text) element.textContent = text;
  element.className = `pill ${kind}`;
}

export function figures(pairs) {
  return el('dl', { class: 'figures' }, ...pairs.map(([name, value, kind = '']) =>
    el('div', {}, el('dt', {}, name), el('dd', { class: kind }, value))));
}
