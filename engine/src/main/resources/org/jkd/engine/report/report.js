'use strict';
(() => {
  const r = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const hex = (s) => (s || '').replace(/^0x/, '');
  const num = (s) => (s === undefined || s === null ? null : BigInt(s));
  const el = (tag, attrs = {}, ...kids) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attrs)) {
      if (k === 'on') for (const [t, f] of Object.entries(v)) e.addEventListener(t, f);
      else if (v !== undefined && v !== null) e.setAttribute(k, v);
    }
    e.append(...kids.filter((k) => k !== null && k !== undefined));
    return e;
  };
  const frames = r.frames || [], gaps = r.gaps || [], cycles = r.cycles || [];
  const base = num(r.stackBase), limit = num(r.stackLimit), sp = num(r.stackPointer);
  const width = frames.some((f) => f.slot && num(f.slot) > 0xffffffffn) ? 8n : 4n;

  // Where each frame lies: from the word after its inner neighbour's return address up to its own.
  const spans = frames.map((f, i) => {
    const next = frames[i + 1];
    const hi = next && next.slot ? num(next.slot) + width : null;
    const lo = hi === null ? null : hi - BigInt(f.bytes || 0);
    const here = hi !== null && hi > limit && hi <= base;
    return { lo, hi, here };
  });

  const modules = [...new Set((r.usage?.modules || []).map((m) => m.module))];
  frames.forEach((f) => { if (f.module && !modules.includes(f.module)) modules.push(f.module); });
  const palette = ['#8fb8de', '#f2a65a', '#7fc29b', '#e07a7a', '#b79bd4', '#d9c45b', '#6cc5c1', '#e79ac3', '#b0a08c', '#9fd356', '#c9cba3', '#8d99ae'];
  const colour = d3.scaleOrdinal(modules, palette).unknown('#aaa');

  // Head and verdict
  const title = (r.bugcheck ? r.bugcheck.name + ' (' + hex(r.bugcheck.code) + ')' : r.dump);
  document.title = 'jkd: ' + (r.dump || '') + ' ' + title;
  $('head').append(
    el('h1', {}, title),
    el('span', { class: 'sub' }, [r.dump, r.process, r.system].filter(Boolean).join(' · ')),
    el('button', { id: 'theme', type: 'button', on: { click: () => {
      const dark = document.documentElement.dataset.theme
        ? document.documentElement.dataset.theme === 'dark'
        : matchMedia('(prefers-color-scheme: dark)').matches;
      document.documentElement.dataset.theme = dark ? 'light' : 'dark';
    } } }, 'Light / dark'));
  const v = r.verdict || { outcome: 'undecidable', summary: '', facts: [] };
  const kind = v.outcome === 'overflow' ? 'overflow' : v.outcome === 'not an overflow' ? 'not' : 'maybe';
  const usage = r.usage || {};
  $('verdict').append(el('div', { class: 'verdict ' + kind },
    el('div', { class: 'big' }, v.cause ? v.outcome + ': ' + v.cause : v.outcome),
    el('div', {}, v.summary || ''),
    el('ul', {}, ...(v.facts || []).map((f) => el('li', {}, f))),
    (r.advice || []).length ? el('h3', {}, 'What would give bytes back') : null,
    (r.advice || []).length ? el('ul', {}, ...r.advice.map((a) => el('li', {}, a))) : null,
    el('div', { class: 'keys' }, [r.buckets?.overflow, r.buckets?.failure].filter(Boolean).join('   '))));

  // The map
  let chosen = -1;
  const choose = (i, scroll) => {
    if (i < 0 || i >= frames.length) return;
    chosen = i;
    d3.selectAll('.frame').classed('chosen', (d) => d === i);
    document.querySelectorAll('tr.row').forEach((t) => t.classList.toggle('chosen', +t.dataset.i === i));
    const f = frames[i];
    const rows = [['continues at', hex(f.ip) + '  ' + (f.symbol || '')], ['return slot of its caller', frames[i + 1]?.slot ? hex(frames[i + 1].slot) : '—'],
      ['bytes', f.bytes + ' (0x' + (f.bytes || 0).toString(16) + ')'], ['reached as', f.kind], ['score', (f.score ?? 0).toFixed(1) + ' bits, margin ' + (f.margin ?? 0).toFixed(1)]];
    $('detail').replaceChildren(
      el('h3', {}, '#' + f.index + ' ' + (f.function || f.symbol || hex(f.ip)) + ' ', el('span', { class: 'trust ' + f.trust }, f.trust)),
      el('dl', {}, ...rows.flatMap(([k, t]) => [el('dt', {}, k), el('dd', {}, String(t))])),
      el('h3', {}, 'Evidence'),
      (f.evidence || []).length
        ? el('table', { id: 'evidence' }, el('tbody', {}, ...f.evidence.map((e) => el('tr', {}, el('td', { class: 'n' }, (e.bits > 0 ? '+' : '') + e.bits.toFixed(1)), el('td', {}, e.name), el('td', {}, e.detail)))))
        : el('p', { class: 'hint', id: 'evidence' }, 'None recorded beyond its trust.'),
      f.alternative ? el('p', {}, 'Best alternative: ' + hex(f.alternative.ip) + ' at ' + hex(f.alternative.slot) + ' (' + f.alternative.score.toFixed(1) + ' bits): ' + f.alternative.why) : null);
    if (scroll) document.querySelector(`.frame[data-i="${i}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const W = 430, left = 92, blockW = 190, span = Number(base - limit), guard = 0x1000;
  const H = Math.max(620, Math.min(1500, frames.length * 7));
  const elsewhere = spans.map((s, i) => i).filter((i) => !spans[i].here);
  const stripH = elsewhere.length ? 46 : 0;
  const y = d3.scaleLinear([Number(base - base), span + guard * 0.35], [14, H]);
  const at = (a) => y(Number(base - a));
  const svg = d3.select('#map').append('svg').attr('viewBox', `0 0 ${W} ${H + 20 + stripH}`).attr('role', 'img').attr('aria-label', 'Stack from base to limit');
  const defs = svg.append('defs');
  const hatch = defs.append('pattern').attr('id', 'hatch').attr('width', 6).attr('height', 6).attr('patternUnits', 'userSpaceOnUse').attr('patternTransform', 'rotate(45)');
  hatch.append('rect').attr('width', 2).attr('height', 6).attr('fill', 'var(--gap)');
  svg.append('rect').attr('x', left).attr('y', y(0)).attr('width', blockW).attr('height', y(span) - y(0)).attr('fill', 'url(#hatch)').append('title').text('not attributed to any frame');
  gaps.forEach((g) => {
    const lo = num(g.from), hi = num(g.to);
    if (hi <= limit || lo >= base) return;
    svg.append('rect').attr('class', 'gap').attr('x', left + blockW + 4).attr('y', at(hi)).attr('width', 5).attr('height', Math.max(1, at(lo) - at(hi))).attr('fill', 'var(--gap)')
      .append('title').text(hex(g.from) + ' to ' + hex(g.to) + ', ' + g.bytes + ' bytes: ' + g.reason);
  });
  svg.append('rect').attr('x', left).attr('y', y(span)).attr('width', blockW).attr('height', H - y(span)).attr('fill', 'var(--bad)').attr('opacity', .35).append('title').text('guard page');
  svg.append('text').attr('x', left + blockW / 2).attr('y', (y(span) + H) / 2 + 4).attr('text-anchor', 'middle').text('guard page');
  const place = (i) => spans[i].here
    ? { x: left, y: at(spans[i].hi), w: blockW, h: Math.max(.8, at(spans[i].lo < limit ? limit - 0x200n > spans[i].lo ? limit - 0x200n : spans[i].lo : spans[i].lo) - at(spans[i].hi)) }
    : { x: left + elsewhere.indexOf(i) * Math.min(16, (W - left - 6) / elsewhere.length), y: H + 26, w: Math.max(1.5, Math.min(14, (W - left - 8) / elsewhere.length - 1)), h: 14 };
  svg.selectAll('.frame').data(frames.map((f, i) => i)).join('rect')
    .attr('class', (i) => 'frame' + (['search', 'recurrence'].includes(frames[i].trust) ? ' weak' : ''))
    .attr('data-i', (i) => i).attr('tabindex', (i) => (i === 0 ? 0 : -1))
    .attr('x', (i) => place(i).x).attr('y', (i) => place(i).y).attr('width', (i) => place(i).w).attr('height', (i) => place(i).h)
    .attr('fill', (i) => (frames[i].module ? colour(frames[i].module) : '#bbb'))
    .on('click', (e, i) => choose(i)).on('focus', (e, i) => choose(i))
    .append('title').text((i) => '#' + frames[i].index + ' ' + (frames[i].symbol || hex(frames[i].ip)) + ', ' + frames[i].bytes + ' bytes, ' + frames[i].trust);
  frames.forEach((f, i) => {
    const p = place(i);
    if (spans[i].here && p.h >= 11) svg.append('text').attr('class', 'onblock').attr('x', left + 5).attr('y', p.y + p.h / 2 + 4).text(clip(f.function || hex(f.ip), 27));
  });
  if (elsewhere.length) svg.append('text').attr('class', 'axis').attr('x', 0).attr('y', H + 37).text('other stacks');
  [[base, 'Base'], [limit, 'Limit']].forEach(([a, t]) => svg.append('text').attr('class', 'axis').attr('x', 0).attr('y', at(a) + 4).text(t + ' ' + a.toString(16).slice(-8)));
  if (sp !== null && sp > limit - 0x1000n && sp <= base) {
    const yy = Math.min(H - 2, at(sp));
    svg.append('line').attr('x1', left - 6).attr('x2', left + blockW + 22).attr('y1', yy).attr('y2', yy).attr('stroke', 'var(--bad)').attr('stroke-width', 1.5);
    svg.append('text').attr('x', left + blockW + 26).attr('y', yy + 4).text('SP ' + sp.toString(16).slice(-8));
  }
  (r.stages || []).forEach((s) => {
    const hiF = spans[s.last], loF = spans[s.first];
    if (!hiF?.here || !loF?.here) return;
    const y0 = at(hiF.hi), y1 = at(loF.lo < limit ? limit : loF.lo), x = left + blockW + 16;
    svg.append('path').attr('d', `M${x},${y0 + 1}h5v${Math.max(1, y1 - y0 - 2)}h-5`).attr('fill', 'none').attr('stroke', 'var(--dim)');
    const label = svg.append('text').attr('class', 'axis').attr('x', x + 9).attr('y', (y0 + y1) / 2 + 4).text(s.number + '  ' + s.bytes);
    label.append('title').text(s.title);
  });
  function clip(t, n) { return t.length > n ? t.slice(0, n - 1) + '…' : t; }
  document.addEventListener('keydown', (e) => {
    if (e.target.closest('summary, button, input') || e.altKey || e.ctrlKey || e.metaKey) return;
    const step = { ArrowDown: -1, ArrowUp: 1, j: -1, k: 1 }[e.key];
    if (step) { e.preventDefault(); choose(Math.max(0, Math.min(frames.length - 1, (chosen < 0 ? 0 : chosen + step))), true); }
    if (e.key === 'Home') { e.preventDefault(); choose(frames.length - 1, true); }
    if (e.key === 'End') { e.preventDefault(); choose(0, true); }
  });
  $('legend').append(...(usage.modules || []).map((m) => el('span', {}, el('i', { style: 'background:' + colour(m.module) }), m.module + ' ' + m.bytes)),
    el('span', {}, el('i', { style: 'background:repeating-linear-gradient(45deg,var(--gap) 0 2px,transparent 2px 5px)' }), 'not attributed ' + (usage.unattributed ?? 0)));

  // Icicle
  const tree = { name: 'stack', children: (r.stages || []).map((s) => {
    const by = new Map();
    for (let i = s.first; i <= s.last; i++) {
      const f = frames[i]; if (!f) continue;
      const m = f.module || '(no module)'; if (!by.has(m)) by.set(m, new Map());
      by.get(m).set(f.function || hex(f.ip), (by.get(m).get(f.function || hex(f.ip)) || 0) + (f.bytes || 0));
    }
    return { name: s.number + ' ' + s.title, stage: s, children: [...by].map(([m, fs]) => ({ name: m, module: m, children: [...fs].map(([n, b]) => ({ name: n, module: m, value: b })) })) };
  }) };
  if (tree.children.length) {
    const IW = 1200, IH = 200;
    const root = d3.hierarchy(tree).sum((d) => d.value || 0);
    d3.partition().size([IW, IH])(root);
    const ic = d3.select('#icicle').append('svg').attr('viewBox', `0 0 ${IW} ${IH - IH / 4}`).attr('preserveAspectRatio', 'none').attr('role', 'img').attr('aria-label', 'Icicle of stages, modules and functions');
    const cell = ic.selectAll('g').data(root.descendants().filter((d) => d.depth > 0)).join('g').attr('transform', (d) => `translate(${d.x0},${d.y0 - IH / 4})`);
    cell.append('rect').attr('width', (d) => Math.max(.5, d.x1 - d.x0 - 1)).attr('height', (d) => d.y1 - d.y0 - 1).attr('fill', (d) => (d.data.module ? colour(d.data.module) : 'var(--gap)'))
      .append('title').text((d) => d.data.name + ', ' + d.value + ' bytes');
    cell.filter((d) => d.x1 - d.x0 > 34).append('text').attr('class', (d) => (d.data.module ? 'onblock' : 'onstage')).attr('x', 4).attr('y', 17).text((d) => clip(d.data.name.replace(/^.*!/, (m) => (d.depth === 3 ? '' : m)), Math.floor((d.x1 - d.x0) / 7)));
  } else { $('icicle-section').remove(); }

  const table = (heads, rows) => el('div', { class: 'wide' }, el('table', {}, el('thead', {}, el('tr', {}, ...heads.map(([h, c]) => el('th', { class: c }, h)))), el('tbody', {}, ...rows)));
  const row = (cells) => el('tr', {}, ...cells.map(([t, c]) => el('td', { class: c }, t instanceof Node ? t : String(t))));

  if ((r.stages || []).length) $('stages').append(el('h2', {}, 'How the stack was entered, oldest first'),
    table([['#', 'n'], ['entered by'], ['rows', 'n'], ['bytes', 'n'], ['drivers crossed'], ['biggest']], r.stages.map((s) => row([[s.number, 'n'], [s.title + (s.completions?.length ? ' (completion routine of ' + s.completions.join(', ') + ')' : '')], [s.rows, 'n'], [s.bytes, 'n'], [(s.path || (s.crossed || []).join(' > ')).replaceAll(' > ', ' → ').replaceAll(' x', ' ×')], [(s.modules || []).slice(0, 3).map((m) => m.module + ' ' + m.bytes).join(', ')]]))));

  const total = usage.size || 1;
  const bar = (b, c) => el('span', { class: 'bar', style: `width:${Math.max(1, Math.round(90 * b / total))}px;background:${c || 'var(--dim)'}` });
  const usageTable = (name, rows, key) => el('div', {}, el('h3', {}, name), table([[key], ['bytes', 'n'], ['frames', 'n'], ['']], rows.map((m) => row([[m[key]], [m.bytes, 'n'], [m.frames, 'n'], [bar(m.bytes, key === 'module' ? colour(m.module) : undefined)]]))));
  $('usage').append(el('h2', {}, 'Who used the bytes'), el('p', { class: 'hint' }, (usage.attributed ?? 0) + ' of ' + (usage.size ?? 0) + ' bytes are attributed to frames, ' + (usage.unattributed ?? 0) + ' are not.'),
    el('div', { class: 'tables' }, usageTable('By product', usage.products || [], 'product'), usageTable('By module', usage.modules || [], 'module')));

  if ((r.bigFrames || []).length) $('big').append(el('h2', {}, 'The biggest frames'), ...r.bigFrames.map((b) => el('details', {}, el('summary', {}, b.bytes + ' bytes  ' + b.function), el('ul', {}, ...(b.where || []).map((w) => el('li', {}, w))), (b.code || []).length ? el('pre', {}, b.code.join('\n')) : el('p', { class: 'hint' }, 'Its code is not at hand.'))));

  // Frame table; a cycle shows its first turn and folds the others.
  const folded = new Map();
  cycles.forEach((c) => { for (let i = c.first + c.period; i < c.first + c.period * c.count && i < frames.length; i++) if (!folded.has(i)) folded.set(i, c); });
  const body = [];
  const opened = new Set();
  const frameRow = (f, i) => el('tr', { class: 'row', 'data-i': i, tabindex: -1, on: { click: () => choose(i, false) } },
    ...[[f.index, 'n'], [el('span', { class: 'trust ' + f.trust }, f.trust)], [hex(f.slot) || '—', 'm'], [hex(f.ip), 'm'], [f.bytes, 'n'], [f.symbol || '', 'm']].map(([t, c]) => el('td', { class: c }, t instanceof Node ? t : String(t))));
  frames.forEach((f, i) => {
    const c = folded.get(i);
    const tr = frameRow(f, i);
    if (c) {
      if (!opened.has(c)) {
        opened.add(c);
        const mine = [];
        const fold = el('tr', { class: 'fold', tabindex: 0 }, el('td', { colspan: 6 }, `… ${c.period} frames repeat ${c.count} times in all, ${c.bytes} bytes: show or hide the other turns`));
        const flip = () => mine.forEach((t) => { t.hidden = !t.hidden; });
        fold.addEventListener('click', flip);
        fold.addEventListener('keydown', (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); flip(); } });
        c.rowsOf = mine; body.push(fold);
      }
      tr.hidden = true; c.rowsOf.push(tr);
    }
    body.push(tr);
  });
  $('table').append(el('h2', {}, 'Frames, innermost first'), table([['#', 'n'], ['trust'], ['slot'], ['continues at'], ['bytes', 'n'], ['symbol']], body));
  if ((r.notes || []).length) $('notes').append(el('h2', {}, 'Notes'), el('ul', {}, ...r.notes.map((n) => el('li', {}, n))));
  $('foot').append('Made by jkd from the dump alone. Frames carry their trust; hatched bytes have no explanation.');
  window.addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
})();
