// Draws Mermaid's sequence diagrams as SVG when the site is built, so that pages need neither a network nor a script for them. It knows
// what docs/ uses (title, participant, arrows, notes, alt, else, opt, end), and refuses the rest.

/** How wide a diagram is at the most, and how far apart two participants: a page shows all of it without scrolling. */
const WIDTH = 596;
const GAP = 190;
const MARGIN = 90;
const HEAD = 34;
const LINE = 17;
/** Roughly how wide a letter is at the size that theme/style.css gives. */
const LETTER = 6.6;

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('{', '&#123;');

/** The lines of a text that is to fit a width. */
function wrap(text, width) {
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && (last.length + 1 + word.length) * LETTER <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const texts = (lines, x, y, kind) =>
  lines.map((line, at) => `<text class="${kind}" x="${x}" y="${y + at * LINE}">${escape(line)}</text>`).join('');

/** What a diagram's lines say. */
function parse(source) {
  const diagram = { title: '', participants: [], steps: [] };
  for (const line of source.split('\n').map((text) => text.trim()).filter((text) => text && text !== 'sequenceDiagram')) {
    const title = /^title (.+)$/.exec(line);
    const participant = /^participant (\w+) as (.+)$/.exec(line);
    const message = /^(\w+)(--?)>>(\w+): (.+)$/.exec(line);
    const note = /^Note over (\w+)(?:,(\w+))?: (.+)$/.exec(line);
    const frame = /^(alt|else|opt) (.+)$/.exec(line);
    if (title) diagram.title = title[1];
    else if (participant) diagram.participants.push({ id: participant[1], name: participant[2] });
    else if (message) diagram.steps.push({ kind: 'message', from: message[1], answers: message[2] === '--', to: message[3], text: message[4] });
    else if (note) diagram.steps.push({ kind: 'note', from: note[1], to: note[2] ?? note[1], text: note[3] });
    else if (frame) diagram.steps.push({ kind: frame[1], text: frame[2] });
    else if (line === 'end') diagram.steps.push({ kind: 'end' });
    else throw new Error(`a sequence diagram has a line that sequence.mjs does not know: ${line}`);
  }
  if (!diagram.title || diagram.participants.length < 2) throw new Error('a sequence diagram needs a title and two participants');
  return diagram;
}

const gapOf = ({ participants }) => Math.min(GAP, (WIDTH - 2 * MARGIN) / (participants.length - 1));

function placeOf(diagram, id) {
  const at = diagram.participants.findIndex((participant) => participant.id === id);
  if (at < 0) throw new Error(`"${diagram.title}" has no participant ${id}`);
  return MARGIN + at * gapOf(diagram);
}

function message(step, diagram, y) {
  const [from, to] = [placeOf(diagram, step.from), placeOf(diagram, step.to)];
  const lines = wrap(step.text, Math.abs(to - from) - 16);
  const below = y + lines.length * LINE;
  const tip = to > from ? -7 : 7;
  return {
    svg: `${texts(lines, (from + to) / 2, y + 10, 'label')}<path class="arrow${step.answers ? ' answers' : ''}" d="M${from} ${below}H${to}"/>`
      + `<path class="tip" d="M${to} ${below}l${tip} -4v8z"/>`,
    height: lines.length * LINE + 14,
  };
}

function note(step, diagram, y) {
  const [from, to] = [placeOf(diagram, step.from), placeOf(diagram, step.to)];
  const width = Math.abs(to - from) + 176;
  const left = (from + to - width) / 2;
  const lines = wrap(step.text, width - 16);
  const height = lines.length * LINE + 10;
  return {
    svg: `<rect class="note" x="${left}" y="${y}" width="${width}" height="${height}" rx="4"/>${texts(lines, (from + to) / 2, y + 18, 'label')}`,
    height: height + 12,
  };
}

/** The rows of a diagram from the top down, with the frames around those between alt or opt and end. */
function rows(diagram, width) {
  const parts = [];
  const open = [];
  let y = HEAD + 24;
  for (const step of diagram.steps) {
    const inset = 4 + open.length * 6;
    if (step.kind === 'alt' || step.kind === 'opt') {
      parts.push(texts([`if ${step.text}`.replace('if unless', 'unless')], inset + 10, y + 16, 'condition'));
      open.push({ top: y, inset });
      y += 30;
    } else if (step.kind === 'else') {
      const { inset: left } = open.at(-1);
      parts.push(`<path class="divider" d="M${left} ${y}H${width - left}"/>${texts([`or ${step.text}`], left + 10, y + 18, 'condition')}`);
      y += 32;
    } else if (step.kind === 'end') {
      const { top, inset: left } = open.pop();
      parts.push(`<rect class="frame" x="${left}" y="${top}" width="${width - 2 * left}" height="${y - top}" rx="4"/>`);
      y += 14;
    } else {
      const row = step.kind === 'note' ? note(step, diagram, y) : message(step, diagram, y);
      parts.push(row.svg);
      y += row.height;
    }
  }
  return { parts, bottom: y };
}

/** The steps as sentences, for those who do not see the drawing. */
function describe({ participants, steps }) {
  const nameOf = (id) => participants.find((participant) => participant.id === id)?.name;
  const sentences = steps.map((step) => ({
    message: () => `${nameOf(step.from)} to ${nameOf(step.to)}: ${step.text}`,
    note: () => `${nameOf(step.from)}: ${step.text}`,
    alt: () => `If ${step.text}`, opt: () => `Optionally, ${step.text}`, else: () => `Or ${step.text}`, end: () => 'In every case from here on',
  })[step.kind]());
  return `${sentences.join('. ').replace(/(\. In every case from here on)+$/, '')}.`;
}

/** A diagram as HTML. */
export function drawSequence(source) {
  const diagram = parse(source);
  const width = 2 * MARGIN + (diagram.participants.length - 1) * gapOf(diagram);
  const { parts, bottom } = rows(diagram, width);
  const heads = diagram.participants.map(({ id, name }) => {
    const x = placeOf(diagram, id);
    return `<path class="life" d="M${x} ${HEAD}V${bottom}"/><rect class="head" x="${x - 62}" y="2" width="124" height="${HEAD - 4}" rx="6"/>`
      + texts([name], x, 22, 'name');
  });
  const label = escape(diagram.title);
  return `<div class="sequence" role="group" aria-label="Diagram: ${label}" tabindex="0"><svg viewBox="0 0 ${width} ${bottom + 4}" width="${width}" height="${bottom + 4}" role="img" aria-label="${label}">`
    + `<title>${label}</title><desc>${escape(describe(diagram))}</desc>${heads.join('')}${parts.join('')}</svg></div>`;
}
