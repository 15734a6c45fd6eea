// Detections over a picture.

const COLOURS = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#0072b2'];

const NARROW = 1.4;
const seen = [];

// Each label a colour of its own, in the order in which they were first seen.
function colourOf(label) {
  if (!seen.includes(label)) seen.push(label);
  return COLOURS[seen.indexOf(label) % COLOURS.length];
}

// `scale`: pixels of the picture for one of the page.
export function drawBoxes(context, head, scale) {
  const factor = context.canvas.width / head.width;
  context.lineWidth = 2 * scale;
  context.font = `600 ${11 * scale}px system-ui, sans-serif`;
  context.textBaseline = 'bottom';
  head.boxes.forEach(([x1, y1, x2, y2, score], number) => {
    const label = head.labels[number];
    const [left, top] = [x1 * factor, y1 * factor];
    context.strokeStyle = context.fillStyle = colourOf(label);
    context.strokeRect(left, top, (x2 - x1) * factor, (y2 - y1) * factor);
    // On a phone there is no room for more than the label.
    const text = scale > NARROW ? label : `${label} ${Math.round(100 * score)} %`;
    const height = 15 * scale;
    const bottom = Math.max(top, height);
    context.fillRect(left - scale, bottom - height, context.measureText(text).width + 8 * scale, height);
    context.fillStyle = '#0b0e12';
    context.fillText(text, left + 3 * scale, bottom - scale);
  });
}
