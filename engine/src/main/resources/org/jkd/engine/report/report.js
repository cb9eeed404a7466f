(() => {
  'use strict';
  const r = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const hex = (s) => (s || '').replace(/^0x/, '');
  const num = (s) => (s === undefined || s === null ? null : BigInt(s));
  const many = (n, one) => n + ' ' + one + (n === 1 ? '' : 's');
  const bytes = (n) => (n ?? 0).toLocaleString('en') + ' bytes';
  const clip = (t, n) => (t.length <= n ? t : n < 3 ? '' : t.slice(0, n - 1) + '…');
  const el = (tag, attrs = {}, ...kids) => {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(attrs)) {
      if (k === 'on') for (const [t, f] of Object.entries(v)) e.addEventListener(t, f);
      else if (v !== undefined && v !== null && v !== false) e.setAttribute(k, v);
    }
    e.append(...kids.flat().filter((k) => k !== null && k !== undefined));
    return e;
  };
  const add = (host, ...kids) => host.append(...kids.flat().filter((k) => k !== null && k !== undefined));
  const table = (heads, rows, attrs = {}) => el('table', attrs, el('thead', {}, el('tr', {}, heads.map(([h, c]) => el('th', { class: c }, h)))), el('tbody', {}, rows));
  const row = (cells) => el('tr', {}, cells.map(([t, c]) => el('td', { class: c }, t instanceof Node ? t : String(t ?? ''))));

  const frames = r.frames || [], gaps = r.gaps || [], cycles = r.cycles || [], stages = r.stages || [];
  const usage = r.usage || {}, verdict = r.verdict || { outcome: 'undecidable', facts: [] };
  const overflow = /overflow/.test(verdict.outcome) && !/^not/.test(verdict.outcome);
  const base = num(r.stackBase) ?? 0n, limit = num(r.stackLimit) ?? 0n, sp = num(r.stackPointer);
  const size = Number(base - limit), near = sp !== null && sp > limit - 0x10000n && sp <= base;
  const low = near && sp < limit ? sp : limit;
  const width = frames.some((f) => f.slot && num(f.slot) > 0xffffffffn) || base > 0xffffffffn ? 8n : 4n;
  const short = (a) => a.toString(16).slice(-8);
  const covered = usage.size ? usage.attributed / usage.size : 0;
  const label = (f) => (f.function && f.function.includes('!') ? f.function : f.symbol || hex(f.ip));

  // Colours tell who: cool and pale for Windows, warm and strong for all others.
  const origin = new Map((r.owners || []).map((o) => [o.module, o]));
  (usage.products || []).forEach((p) => p.modules.forEach((m) => { if (!origin.has(m)) origin.set(m, { module: m, origin: p.origin }); }));
  const foreign = (m) => origin.get(m)?.origin === 'third party';
  const modules = [...new Set([...(usage.modules || []).map((m) => m.module), ...frames.map((f) => f.module).filter(Boolean)])];
  const cool = ['#a9c1da', '#a7d0c4', '#c3bfdc', '#b9cfa9', '#9fcbe0', '#c9c6ba', '#b4c7c7', '#cbb9c9'];
  const warm = ['#f2994a', '#e8716b', '#e6c23c', '#d98cc9', '#c98b57', '#f0a3a3', '#c6b13f', '#b07fd6', '#ef7fa5', '#dba77b'];
  const colours = new Map();
  let c0 = 0, w0 = 0;
  modules.forEach((m) => colours.set(m, foreign(m) ? warm[w0++ % warm.length] : cool[c0++ % cool.length]));
  const colour = (m) => colours.get(m) || '#bbb';
  const swatch = (m) => el('i', { class: 'swatch', style: 'background:' + colour(m) });

  // Where each frame lies: up to the word after its return address, or after the trap frame it handles.
  const spans = frames.map((f, i) => {
    const next = frames[i + 1];
    const inner = frames[i - 1];
    let lo = f.slot ? num(f.slot) + width : sp;
    if (f.kind === 'trap' || f.kind === 'syscall') lo = lo === null ? null : lo + 2n * width;
    if (!f.slot && inner) lo = null;
    let hi = lo === null ? null : lo + BigInt(f.bytes || 0);
    if (next?.slot && next.kind === 'call') { hi = num(next.slot) + width; lo = hi - BigInt(f.bytes || 0); }
    return { lo, hi, here: lo !== null && hi > low && lo >= low - 0x200n && hi <= base };
  });
  const stageOf = (i) => stages.find((s) => i >= s.first && i <= s.last);

  // Head, verdict
  const title = r.bugcheck ? r.bugcheck.name + ' (' + hex(r.bugcheck.code) + ')' : r.dump;
  document.title = 'jkd: ' + (r.dump || '') + ' ' + title;
  $('head').append(
    el('h1', {}, title.split('_').flatMap((w, i) => (i ? ['_', el('wbr'), w] : [w]))),
    el('button', { id: 'theme', class: 'tool', type: 'button', on: { click: () => {
      const set = document.documentElement.dataset;
      set.theme = (set.theme ? set.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches) ? 'light' : 'dark';
    } } }, 'Light / dark'),
    el('span', { class: 'sub' }, [r.dump, r.process && 'process ' + r.process, r.thread && 'thread ' + hex(r.thread), r.system].filter(Boolean).join(' · ')));
  const share = (b) => (usage.size ? (100 * b / usage.size).toFixed(1) + ' %' : '–');
  const removable = (usage.products || []).filter((p) => p.origin === 'third party').reduce((s, p) => s + p.bytes, 0);
  const left = sp === null ? null : Number(sp - limit);
  const tile = (b, t) => el('div', { class: 'tile' }, el('b', {}, b), el('span', {}, t));
  $('verdict').className = overflow ? 'overflow' : /^not/.test(verdict.outcome) ? 'not' : 'maybe';
  add($('verdict'),
    el('div', { class: 'outcome' }, verdict.outcome === 'overflow' ? 'Proven: ' + verdict.cause : verdict.outcome[0].toUpperCase() + verdict.outcome.slice(1) + (verdict.cause ? ': ' + verdict.cause : '')),
    el('p', {}, verdict.summary || ''),
    overflow || !r.bugcheck?.text ? null : el('p', { class: 'hint' }, r.bugcheck.text),
    el('ul', { class: 'facts' }, (verdict.facts || []).map((f) => el('li', {}, f))),
    size > 0 && overflow ? el('div', { class: 'tiles' },
      tile(size.toLocaleString('en') + ' bytes', 'is the size of the stack'),
      left === null ? null : tile('0x' + Math.abs(left).toString(16) + ' bytes', left <= 0 ? 'below the limit stood the stack pointer' : 'were left'),
      tile(share(usage.attributed), 'of it is explained by ' + many(frames.length, 'frame')),
      tile(share(removable), 'of it, ' + bytes(removable) + ', belongs to products other than Windows')) : null,
    el('div', { class: 'keys mono' }, [r.buckets?.overflow, r.buckets?.failure].filter(Boolean).map((k) => el('div', {}, k))));

  // Who used the bytes
  if (overflow && usage.attributed > 0) {
    const bar = (b, m) => el('span', { class: 'bar', style: `width:${Math.max(1, 100 * b / (usage.modules[0]?.bytes || 1))}%;background:${colour(m)}` });
    const whose = { windows: 'Windows', 'third party': 'other', unknown: 'unknown' };
    $('who').append(
      el('h2', {}, 'Who used the bytes'),
      el('p', { class: 'hint' }, bytes(usage.attributed) + ' of ' + usage.size.toLocaleString('en') + ' belong to frames, ' + usage.unattributed.toLocaleString('en') + ' do not.'
        + (usage.trapFrames?.count ? ' ' + bytes(usage.trapFrames.bytes) + ' of the kernel’s are ' + many(usage.trapFrames.count, 'trap frame') + ', the price of entering it.' : '')
        + (covered < .8 ? ' Too little is explained to lay it at anybody’s door.' : '')),
      el('div', { class: 'budget', role: 'img', 'aria-label': 'Shares of the stack' },
        (usage.modules || []).map((m) => el('div', { style: `flex:${m.bytes} 0 0;background:${colour(m.module)}`, title: m.module + ', ' + bytes(m.bytes) }, m.bytes / usage.size > .05 ? m.module : '')),
        el('div', { class: 'hatch', style: `flex:${usage.unattributed} 0 0`, title: 'not attributed, ' + bytes(usage.unattributed) })),
      el('div', { class: 'tables' },
        el('div', {}, el('h3', {}, 'By product'), table([['product'], ['bytes', 'n'], ['share', 'n'], ['frames', 'n']], (usage.products || []).map((p) => row([
          [el('span', {}, p.product + ' ', el('span', { class: 'tag' + (p.origin === 'third party' ? ' other' : '') }, whose[p.origin] || p.origin), p.company ? el('div', { class: 'path' }, p.company) : null), 'sym'],
          [p.bytes.toLocaleString('en'), 'n'], [share(p.bytes), 'n'], [p.frames, 'n']])))),
        el('div', {}, el('h3', {}, 'By module'), table([['module'], ['bytes', 'n'], ['frames', 'n'], ['']], (usage.modules || []).map((m) => row([
          [el('span', { title: [origin.get(m.module)?.company, origin.get(m.module)?.build].filter(Boolean).join(', ') }, swatch(m.module), m.module), 'sym'], [m.bytes.toLocaleString('en'), 'n'], [m.frames, 'n'], [bar(m.bytes, m.module), 'wide']]))))));
  }

  // What to do
  const suspect = r.suspect;
  if (suspect || (r.advice || []).length || (r.seen || []).length) {
    const note = (r.vendorNote || []).map((n, i) => (i ? '• ' : '') + n).join('\n');
    add($('ask'),
      el('h2', {}, suspect ? (suspect.origin === 'windows' ? 'Look at ' : 'Ask the maker of ') + suspect.module : (r.advice || []).length ? 'What would give bytes back' : 'Whom to ask'),
      suspect ? el('p', {}, [suspect.company, suspect.product, suspect.build].filter(Boolean).join(' ') + ' ', el('span', { class: 'tag' + (suspect.origin === 'third party' ? ' other' : '') }, suspect.origin === 'third party' ? 'not part of Windows' : suspect.origin === 'windows' ? 'part of Windows' : 'origin unknown')) : null,
      suspect ? el('p', {}, suspect.symbol ? el('code', {}, suspect.symbol + ': ') : null, suspect.reason + ' ', el('span', { class: 'tag' }, suspect.proof)) : null,
      (r.seen || []).length ? el('div', {}, el('h3', {}, 'Drivers that left addresses on the stack, in calls that may be over'), el('ul', {}, r.seen.map((s) => el('li', {}, s.module + ': ' + s.reason)))) : null,
      (r.advice || []).length ? el('div', {}, suspect ? el('h3', {}, 'What would give bytes back') : null, el('ul', {}, r.advice.map((a) => el('li', {}, a)))) : null,
      note ? el('div', {}, el('h3', {}, 'What to tell the vendor'), el('div', { class: 'vendor' }, note),
        el('button', { type: 'button', class: 'tool', on: { click: (e) => { navigator.clipboard?.writeText(note).then(() => { e.target.textContent = 'Copied'; }); } } }, 'Copy')) : null);
  }

  // Evidence of a frame, in the panel beside the map and below its row
  const evidence = (f) => [
    el('dl', {}, [['continues at', hex(f.ip)], ['word on the stack', f.slot ? hex(f.slot) : 'none: from registers'], ['owns', bytes(f.bytes) + ' (0x' + (f.bytes || 0).toString(16) + ')'], ['reached by', f.kind],
      f.trapFrame ? ['trap frame', hex(f.trapFrame)] : null, ['score', (f.score ?? 0).toFixed(1) + ' bits, ' + (f.margin ?? 0).toFixed(1) + ' ahead of the next best']].filter(Boolean).flatMap(([k, t]) => [el('dt', {}, k), el('dd', { class: 'mono' }, t)])),
    (f.evidence || []).length
      ? table([['bits', 'n'], ['evidence'], ['']], f.evidence.map((e) => el('tr', { class: e.bits < 0 ? 'against' : null }, el('td', { class: 'n' }, (e.bits > 0 ? '+' : '') + e.bits.toFixed(1)), el('td', {}, e.name), el('td', {}, e.detail ?? ''))), { class: 'evidence' })
      : el('p', { class: 'hint' }, 'Nothing is recorded beyond its trust.'),
    f.alternative ? el('p', { class: 'path' }, 'Best alternative: ' + hex(f.alternative.ip) + ' at ' + hex(f.alternative.slot) + ', ' + f.alternative.score.toFixed(1) + ' bits: ' + f.alternative.why) : null,
  ].filter(Boolean);
  let chosen = -1;
  const choose = (i) => {
    if (i < 0 || i >= frames.length) return;
    chosen = i;
    document.querySelectorAll('.frame').forEach((n) => { const on = +n.dataset.i === i; n.classList.toggle('chosen', on); n.setAttribute('tabindex', on ? 0 : -1); if (on) { const had = document.activeElement === n; n.parentNode.append(n); if (had) n.focus({ preventScroll: true }); } });
    document.querySelectorAll('tr.row').forEach((t) => t.classList.toggle('chosen', +t.dataset.i === i));
    const f = frames[i], s = stageOf(i);
    $('detail').replaceChildren(
      el('h3', {}, swatch(f.module), '#' + f.index + ' ' + (f.symbol || hex(f.ip)) + ' ', el('span', { class: 'trust ' + f.trust }, f.trust)),
      ...(s ? [el('p', { class: 'path' }, 'stage ' + s.number + ': ' + s.title)] : []), ...evidence(f));
  };

  // The map
  const wrap = (t, n) => {
    const lines = [''];
    t.split(' ').forEach((w) => {
      if (lines.at(-1) && (lines.at(-1) + ' ' + w).length > n) lines.push('');
      lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + w;
      while (lines.at(-1).length > n) { const all = lines.pop(); lines.push(all.slice(0, n), all.slice(n)); }
    });
    return lines;
  };
  const drawMap = () => {
    const host = $('map');
    const W = Math.max(300, Math.round(host.clientWidth)), wide = W > 480;
    const axis = wide ? 104 : 66, lane = wide ? Math.min(250, W * .38) : 104, blockW = W - axis - lane;
    const H = Math.max(560, Math.min(1900, frames.length * 10)), below = Number(limit - low), guard = Math.max(0x1000 * .3, below * 1.15 + 0x100);
    const y = d3.scaleLinear([0, size + guard], [8, H]), at = (a) => y(Number(base - a));
    const elsewhere = frames.map((f, i) => i).filter((i) => !spans[i].here);
    const strip = elsewhere.length ? 44 : 0;
    host.replaceChildren();
    const svg = d3.select(host).append('svg').attr('viewBox', `0 0 ${W} ${H + 8 + strip}`).attr('role', 'group').attr('aria-label', 'The stack from its base to its limit, one block for each frame');
    const hatch = svg.append('defs').append('pattern').attr('id', 'hatch').attr('width', 6).attr('height', 6).attr('patternUnits', 'userSpaceOnUse').attr('patternTransform', 'rotate(45)');
    hatch.append('rect').attr('width', 2).attr('height', 6).attr('fill', 'var(--gap)');
    const used = near && sp > limit ? at(sp) : y(size);
    svg.append('rect').attr('x', axis).attr('y', y(0)).attr('width', blockW).attr('height', used - y(0)).attr('fill', 'url(#hatch)').append('title').text('not attributed to any frame');
    svg.append('rect').attr('x', axis + .5).attr('y', used).attr('width', blockW - 1).attr('height', y(size) - used).attr('fill', 'none').attr('stroke', 'var(--line)');
    if (y(size) - used > 30) svg.append('text').attr('x', axis + blockW / 2).attr('y', (y(size) + used) / 2 + 4).attr('text-anchor', 'middle').attr('class', 'axis').text('not in use');
    svg.append('rect').attr('class', 'guard').attr('x', axis).attr('y', y(size)).attr('width', blockW).attr('height', H - y(size)).attr('fill', 'var(--badbg)').attr('stroke', 'var(--bad)').attr('stroke-dasharray', '4 3');
    svg.append('text').attr('x', axis + blockW / 2).attr('y', H - 8).attr('text-anchor', 'middle').attr('class', 'danger').text(overflow ? 'below the limit: guard page' : 'guard page');
    gaps.forEach((g) => {
      const lo = num(g.from), hi = num(g.to);
      if (hi <= low || lo >= base) return;
      const top = at(hi), h = at(lo) - at(hi);
      svg.append('rect').attr('class', 'gap').attr('x', axis).attr('y', top).attr('width', blockW).attr('height', Math.max(1, h)).attr('fill', 'url(#hatch)').append('title').text(hex(g.from) + ' to ' + hex(g.to) + ', ' + bytes(g.bytes) + ': ' + g.reason);
      if (h > 15) svg.append('text').attr('x', axis + 6).attr('y', top + h / 2 + 4).attr('class', 'axis').text(clip(g.bytes + ' not attributed', Math.floor(blockW / 6.8)));
    });
    const cell = Math.min(16, (W - axis) / Math.max(1, elsewhere.length));
    const place = (i) => (spans[i].here
      ? { x: axis, y: at(spans[i].hi), w: blockW, h: Math.max(1, at(spans[i].lo < low ? low : spans[i].lo) - at(spans[i].hi)) }
      : { x: axis + elsewhere.indexOf(i) * cell, y: H + 22, w: Math.max(1.5, cell - 1), h: 16 });
    svg.append('g').attr('class', 'blocks').selectAll('.frame').data(frames.map((f, i) => i)).join('rect')
      .attr('class', (i) => 'frame' + (['search', 'recurrence'].includes(frames[i].trust) ? ' weak' : '') + (i === chosen ? ' chosen' : ''))
      .attr('data-i', (i) => i).attr('tabindex', (i) => (i === Math.max(0, chosen) ? 0 : -1)).attr('role', 'button')
      .attr('aria-label', (i) => '#' + frames[i].index + ' ' + label(frames[i]) + ', ' + bytes(frames[i].bytes))
      .attr('x', (i) => place(i).x).attr('y', (i) => place(i).y).attr('width', (i) => place(i).w).attr('height', (i) => place(i).h)
      .attr('fill', (i) => (frames[i].module ? colour(frames[i].module) : '#bbb'))
      .on('click', (e, i) => choose(i)).on('focus', (e, i) => { if (i !== chosen) choose(i); })
      .append('title').text((i) => '#' + frames[i].index + ' ' + (frames[i].symbol || hex(frames[i].ip)) + ', ' + bytes(frames[i].bytes) + ', ' + frames[i].trust);
    const names = svg.append('g');
    frames.forEach((f, i) => {
      const p = place(i);
      if (spans[i].here && p.h >= 11.5) names.append('text').attr('class', 'onblock').attr('x', axis + 5).attr('y', p.y + p.h / 2 + 4).text(clip(label(f), Math.floor((blockW - 48) / 6.7)));
      if (spans[i].here && p.h >= 11.5 && wide) names.append('text').attr('class', 'onblock').attr('x', axis + blockW - 5).attr('y', p.y + p.h / 2 + 4).attr('text-anchor', 'end').text(f.bytes);
    });
    if (elsewhere.length) svg.append('text').attr('class', 'axis').attr('x', 0).attr('y', H + 34).text(wide ? 'on other stacks' : 'elsewhere');
    [[base, 'Base', 9], [limit, 'Limit', 4]].forEach(([a, t, dy]) => svg.append('text').attr('class', 'axis').attr('x', axis - 6).attr('y', at(a) + dy).attr('text-anchor', 'end').text(wide ? t + ' ' + short(a) : t));
    svg.append('line').attr('x1', axis - 4).attr('x2', axis + blockW).attr('y1', y(size)).attr('y2', y(size)).attr('stroke', 'var(--bad)').attr('stroke-width', 2);
    for (let a = 0x1000; a < size; a += size > 0x20000 ? 0x10000 : 0x1000) {
      if (y(a) - y(0) < 16 || y(size) - y(a) < 16 || near && Math.abs(at(sp) - y(a)) < 13) continue;
      svg.append('text').attr('class', 'axis').attr('x', axis - 6).attr('y', y(a) + 4).attr('text-anchor', 'end').text(wide ? '−0x' + a.toString(16) : '−' + a / 1024 + 'K');
      svg.append('line').attr('x1', axis - 4).attr('x2', axis).attr('y1', y(a)).attr('y2', y(a)).attr('stroke', 'var(--dim)');
    }
    if (near) {
      const yy = at(sp), push = Math.abs(yy - y(size)) < 13 ? 13 - (yy - y(size)) : 4;
      svg.append('path').attr('d', `M${axis - 4},${yy}h${blockW + 10}`).attr('stroke', 'var(--bad)').attr('stroke-width', 1.5).attr('stroke-dasharray', '5 2');
      svg.append('text').attr('class', 'danger').attr('x', axis - 6).attr('y', yy + push).attr('text-anchor', 'end').text(wide ? 'SP ' + short(sp) : 'SP');
    }
    // Stages: brackets with what entered them; labels never run into each other.
    let free = -1e9;
    [...stages].forEach((s) => {
      const ends = spans.slice(s.first, s.last + 1).filter((p) => p.here);
      if (!ends.length) return;
      const y0 = at(ends[ends.length - 1].hi), y1 = at(ends[0].lo < low ? low : ends[0].lo), x = axis + blockW + 7;
      svg.append('path').attr('d', `M${x},${y0 + 1}h5v${Math.max(1, y1 - y0 - 2)}h-5`).attr('fill', 'none').attr('stroke', 'var(--dim)');
      const room = Math.floor((lane - 22) / 6.7), ty = Math.max(y0 + 11, free);
      if (ty > y1 + 2 && y1 - y0 < 10) return;
      const title = s.title.replace(/^(.*) called by (.*)$/, '$2 → $1').replace('system service ', '').replace(/^trap in /, 'fault in ');
      const rounds = cycles.filter((c) => c.first >= s.first && c.first <= s.last && c.bytes * 2 > s.bytes).map((c) => `${c.count} × the same ${many(c.period, 'frame')}`);
      const lines = [`${s.number} · ${s.bytes} ${wide ? 'bytes' : 'B'}`, ...wrap(title, room).slice(0, 4), ...rounds.flatMap((t) => wrap(t, room))].slice(0, Math.max(1, Math.floor((y1 - ty) / 13)));
      lines.forEach((t, k) => svg.append('text').attr('class', k ? 'axis' : 'strong').attr('x', x + 11).attr('y', ty + 13 * k).text(clip(t, room)).append('title').text(s.title));
      free = ty + 13 * lines.length;
    });
  };
  const spread = frames.filter((f, i) => spans[i].here).length;
  if (size > 0 && frames.length) {
    const host = overflow || spread > 3 ? $('picture') : $('picture').appendChild(el('details', {}, el('summary', {}, 'The stack, to scale')));
    host.append(
      ...(host === $('picture') ? [el('h2', {}, 'The stack, to scale')] : []),
      el('p', { class: 'hint' }, 'The oldest call is at the top, at the base; the stack grows down to its limit. One block for each frame, as high as it has bytes. Choose a block for its evidence; ', el('kbd', {}, '↑'), ' ', el('kbd', {}, '↓'), ' walk from block to block. Hatched: no frame explains it. Pale: found by search only.'),
      el('div', { class: 'cols' }, el('div', { id: 'map' }), el('div', { id: 'side' }, el('div', { id: 'legend' }), el('div', { id: 'detail', 'aria-live': 'polite' }, el('p', { class: 'hint' }, 'No frame is chosen.')))));
    const group = (name, all) => (all.length ? [el('span', { class: 'group' }, name), ...all.map((m) => el('span', {}, swatch(m.module), m.module + ' ' + m.bytes.toLocaleString('en')))] : []);
    $('legend').append(
      ...group('Not part of Windows', (usage.modules || []).filter((m) => foreign(m.module))),
      ...group('Windows', (usage.modules || []).filter((m) => !foreign(m.module))),
      el('span', { class: 'group' }, el('i', { class: 'swatch hatch' }), 'not attributed ' + (usage.unattributed ?? 0).toLocaleString('en')));
    drawMap();
    let drawn = $('map').clientWidth;
    new ResizeObserver(() => { const w = $('map').clientWidth; if (w && Math.abs(w - drawn) > 24) { drawn = w; drawMap(); } }).observe($('map'));
    $('map').addEventListener('keydown', (e) => {
      const step = { ArrowDown: -1, ArrowUp: 1 }[e.key];
      const to = step ? chosen + step : e.key === 'Home' ? frames.length - 1 : e.key === 'End' ? 0 : -1;
      if (to < 0 || to >= frames.length || e.altKey || e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      choose(to);
      document.querySelector(`.frame[data-i="${to}"]`)?.focus();
    });
  }

  // Stages: the icicle and the list
  if (usage.attributed > 0 && (stages.length > 1 || overflow && stages.length)) {
    const tree = { children: stages.map((s) => {
      const by = new Map();
      for (let i = s.last; i >= s.first; i--) {
        const f = frames[i]; if (!f) continue;
        const m = f.module || '(no module)'; if (!by.has(m)) by.set(m, new Map());
        by.get(m).set(label(f), (by.get(m).get(label(f)) || 0) + (f.bytes || 0));
      }
      return { name: s.number + ' ' + s.title, stage: s, children: [...by].map(([m, fs]) => ({ name: m, module: m, children: [...fs].map(([n, b]) => ({ name: n, module: m, value: b })) })) };
    }) };
    const root = d3.hierarchy(tree).sum((d) => d.value || 0);
    d3.partition().size([100, 4])(root);
    const host = el('div', { class: 'icicle', id: 'icicle' }), said = el('p', { class: 'path', 'aria-live': 'polite' }, 'Choose a part to look closer; choose it again for the whole.');
    let focus = root;
    const show = () => {
      const k = 100 / (focus.x1 - focus.x0 || 1);
      host.replaceChildren(...root.descendants().filter((d) => d.depth > 0 && d.x1 > focus.x0 + 1e-9 && d.x0 < focus.x1 - 1e-9 && d.value > 0).map((d) => {
        const x0 = Math.max(0, (d.x0 - focus.x0) * k), x1 = Math.min(100, (d.x1 - focus.x0) * k);
        const px = (x1 - x0) / 100 * (host.clientWidth || 1100);
        const name = d.depth === 3 ? d.data.name.replace(/^[^!]*!/, '') : d.data.name;
        return el('button', { type: 'button', class: (d.data.module ? '' : 'st') + (px < 26 ? ' tiny' : ''), style: `left:${x0}%;width:${x1 - x0}%;top:${(d.depth - 1) * 42}px;` + (d.data.module ? 'background:' + colour(d.data.module) : ''),
          title: d.data.name + ', ' + bytes(d.value), 'aria-label': d.data.name + ', ' + bytes(d.value), tabindex: px < 3 ? -1 : null,
          on: { click: () => { focus = focus === d || d.depth === 3 && focus === d.parent ? root : d.depth === 3 ? d.parent : d; show(); said.textContent = focus === root ? 'All stages.' : focus.data.name + ', ' + bytes(focus.value); } } }, px < 26 ? '' : name);
      }));
    };
    $('stages').append(
      el('h2', {}, stages.length > 1 ? 'Entered ' + stages.length + ' times: stages, modules, functions' : 'Modules and functions'),
      el('p', { class: 'hint' }, 'Oldest stage at the left; each row adds up to the one above. Widths are bytes of stack.'), host, said,
      table([['#', 'n'], ['entered by, and drivers crossed', 'sym'], ['frames', 'n far'], ['bytes', 'n']], stages.map((s) => row([
        [s.number, 'n'],
        [el('div', {}, s.title, el('div', { class: 'path' }, (s.path || '').replaceAll(' > ', ' → ').replaceAll(/\) x(\d+)/g, ') ×$1') + (s.completions?.length ? ' · completion routine of ' + s.completions.join(', ') : ''))), 'sym'],
        [s.rows, 'n far'], [s.bytes.toLocaleString('en'), 'n']]))));
    show();
    new ResizeObserver(show).observe($('stages'));
    const crossed = (r.crossings || []).filter((c) => c.stages > 1);
    if (crossed.length) $('stages').append(el('p', { class: 'path' }, 'Crossed more than once: ' + crossed.map((c) => c.module + ' in ' + c.stages + ' stages').join(', ') + '.'));
  }

  // Biggest frames
  if ((r.bigFrames || []).length && overflow) $('big').append(el('h2', {}, 'The biggest frames'), el('p', { class: 'hint' }, 'With the instructions that take the bytes.'),
    ...r.bigFrames.map((b, k) => el('details', { open: k < 2 && (b.code || []).length ? '' : null },
      el('summary', {}, el('span', { class: 'n' }, b.bytes + ' bytes'), swatch((b.function || b.symbol).split(/[!+]/)[0]), b.function && b.function.includes('!') ? b.function : b.symbol),
      el('ul', {}, (b.where || []).map((w) => el('li', {}, w))), (b.code || []).length ? el('pre', {}, b.code.join('\n')) : el('p', { class: 'hint' }, 'Its code is not at hand.'))));

  // Frames; a cycle shows its first turn and folds the others
  const folded = new Map();
  cycles.forEach((c) => { for (let i = c.first + c.period; i < c.first + c.period * c.count && i < frames.length; i++) if (!folded.has(i)) folded.set(i, c); });
  const most = Math.max(1, ...frames.map((f) => f.bytes || 0));
  const open = (tr, i) => {
    if (tr.nextSibling?.classList?.contains('why')) { tr.nextSibling.remove(); tr.setAttribute('aria-expanded', 'false'); return; }
    tr.after(el('tr', { class: 'why' }, el('td', { colspan: 6 }, evidence(frames[i]))));
    tr.setAttribute('aria-expanded', 'true');
    if ($('detail')) choose(i);
  };
  const keys = (f) => ({ click: f, keydown: (e) => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); f(); } } });
  const frameRow = (f, i) => {
    const tr = el('tr', { class: 'row', 'data-i': i, tabindex: 0, 'aria-expanded': 'false' },
      el('td', { class: 'n mod', style: 'border-left-color:' + (f.module ? colour(f.module) : 'transparent') }, String(f.index)),
      el('td', {}, el('span', { class: 'trust ' + f.trust }, f.trust)),
      el('td', { class: 'sym mono' }, (f.symbol || hex(f.ip)) + (f.kind === 'call' ? '' : '  (' + f.kind + ')')),
      el('td', { class: 'n' }, String(f.bytes), el('span', { class: 'bar far', style: `margin-top:1px;height:3px;width:${100 * (f.bytes || 0) / most}%;background:${f.module ? colour(f.module) : 'var(--gap)'}` })),
      el('td', { class: 'mono far' }, hex(f.slot) || 'register'), el('td', { class: 'mono far' }, hex(f.ip)));
    for (const [t, g] of Object.entries(keys(() => open(tr, i)))) tr.addEventListener(t, g);
    return tr;
  };
  const body = [], shown = new Set(), cut = new Set();
  frames.forEach((f, i) => {
    const tr = frameRow(f, i), c = folded.get(i), s = stageOf(i);
    if (s && stages.length > 1 && !cut.has(s)) { cut.add(s); const line = el('tr', { class: 'cut' }, el('td', { colspan: 6 }, 'Stage ' + s.number + ': ' + s.title + ', ' + bytes(s.bytes))); if (c && shown.has(c)) { line.hidden = true; c.rowsOf.push(line); } body.push(line); }
    if (c) {
      if (!shown.has(c)) {
        shown.add(c); c.rowsOf = [];
        const text = (open) => `${open ? 'Fold' : 'Show'} the other ${c.count - 1} turns: ${many(c.period, 'frame')} repeat ${c.count} times, ${bytes(c.bytes)}`;
        const button = el('button', { type: 'button', class: 'tool fold', 'aria-expanded': 'false', on: { click: () => { const hide = !c.rowsOf[0].hidden; c.rowsOf.forEach((t) => { t.hidden = hide; }); button.textContent = text(!hide); button.setAttribute('aria-expanded', String(!hide)); } } }, text(false));
        body.push(el('tr', { class: 'fold' }, el('td', { colspan: 6 }, button)));
      }
      tr.hidden = true; c.rowsOf.push(tr);
    }
    body.push(tr);
  });
  if (frames.length) $('frames').append(el('h2', {}, 'All ' + many(frames.length, 'frame') + ', innermost first'), el('p', { class: 'hint' }, 'Choose a row for what speaks for the frame and against it.'),
    table([['#', 'n'], ['trust'], ['code'], ['bytes', 'n'], ['word at', 'far'], ['continues at', 'far']], body, { id: 'rows' }));

  // Gaps and notes
  if (gaps.length || (r.notes || []).length || r.period) $('rest').append(
    ...(r.period ? [el('h2', {}, 'Words that repeat'), el('p', {}, 'Every 0x' + r.period.periodBytes.toString(16) + ' bytes, ' + r.period.count + ' times, from ' + hex(r.period.from) + ' (' + bytes(r.period.bytes) + ')'), el('p', { class: 'mono path' }, (r.period.code || []).join(', '))] : []),
    ...(gaps.length ? [el('h2', {}, 'Not attributed'), table([['from'], ['to'], ['bytes', 'n'], ['why']], gaps.map((g) => row([[hex(g.from), 'mono sym'], [hex(g.to), 'mono sym'], [g.bytes, 'n'], [g.reason]])))] : []),
    ...((r.notes || []).length ? [el('h3', {}, 'Notes'), el('ul', {}, r.notes.map((n) => el('li', {}, n)))] : []));
  $('foot').append('Made by jkd from the dump. Every frame carries its trust; what nothing explains is hatched.');
  window.addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
})();
