/*
 * The picture: one row for each id, what is held above what is waited for.
 */

import { count, duration, setText, svg } from './dom.js';

const MOST_ROWS = 14;
const MOST_LANES = 5;
const HOLD_HEIGHT = 16;
const LANE_HEIGHT = 5;
const AXIS_HEIGHT = 26;
const MARK_DISTANCE = 8;
const REPORTS_BETWEEN_ORDERS = 5;

const OUTCOMES = { RUNNING: 'held now', RELEASED: 'released', HANDED_OVER: 'handed over', LOST: 'lost',
	CLOSED: 'ended by the shutdown' };
const WAIT_OUTCOMES = { RUNNING: 'waits now', ACQUIRED: 'got the lock', REFUSED: 'in vain, as another still had the lock',
	INTERRUPTED: 'interrupted', FAILED: 'failed', CLOSED: 'ended by the shutdown' };

export class Timeline {

	constructor(container, note, tip) {
		this.container = container;
		this.note = note;
		this.tip = tip;
		this.order = [];
		this.lanes = new Map();
		this.reports = 0;
		this.filter = null;
		this.shown = new WeakMap();
		this.still = matchMedia('(prefers-reduced-motion: reduce)');
		container.addEventListener('pointermove', (event) => this.#pointAt(event));
		container.addEventListener('pointerleave', () => this.tip.hidden = true);
	}

	/** Draws anew; what is new slides in within the milliseconds since the last report. */
	draw(history, millis, filter, slide) {
		const width = Math.max(400, this.container.clientWidth);
		const label = Math.min(220, Math.round(width * 0.22));
		const space = { left: label, width: width - label - 14, now: history.now, millis };
		const all = [...history.endedWithin(millis).filter((past) => past.id), ...history.running()];
		const byId = groupById(all.filter((span) => span.id.toLowerCase().includes(filter)));
		const ids = this.#rows(byId, filter);
		const rows = svg('g');
		let top = AXIS_HEIGHT;
		for (const id of ids) {
			const row = this.#row(id, byId.get(id) ?? [], space, top);
			rows.append(row.element);
			top += row.height;
		}
		const moving = svg('g', { class: 'moving' }, rows);
		const height = Math.max(top, AXIS_HEIGHT + 60) + 6;
		const picture = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img',
			'aria-label': this.#summary(all, ids, millis) });
		picture.append(definitions(space, height), ...stripes(this.heights, ids, width), ...axis(space, height),
				svg('g', { 'clip-path': 'url(#plot)' }, moving), ...this.labels);
		if (ids.length === 0) {
			picture.append(svg('text', { class: 'nothing', x: width / 2, y: AXIS_HEIGHT + 36, 'text-anchor': 'middle' },
					filter ? 'No such object was locked in this time' : 'Nothing was locked in this time'));
		}
		this.container.replaceChildren(picture);
		this.tip.hidden = true;
		if (slide > 0 && !this.still.matches) {
			const shift = space.width * slide / millis;
			moving.animate([{ transform: `translateX(${shift}px)` }, { transform: 'translateX(0)' }],
					{ duration: slide, easing: 'linear' });
		}
		const more = byId.size - ids.length;
		setText(this.note, more > 0 ? `${count(more, 'object more was', 'objects more were')} locked in this time: filter by id to see them.` : '');
	}

	/** The busiest first, in an order that stays for a while, so that it can be read. */
	#rows(byId, filter) {
		const stale = this.reports++ % REPORTS_BETWEEN_ORDERS === 0 || this.filter !== filter;
		const kept = stale ? [] : this.order.filter((id) => byId.has(id));
		this.filter = filter;
		if (stale) {
			this.lanes.clear();
		}
		const known = new Set(kept);
		const others = [...byId.keys()].filter((id) => !known.has(id));
		const busy = new Map(others.map((id) => [id, busyness(byId.get(id))]));
		others.sort((one, other) => busy.get(other) - busy.get(one) || (one < other ? -1 : 1));
		this.order = [...kept, ...others].slice(0, MOST_ROWS);
		this.heights = [];
		this.labels = [];
		return this.order;
	}

	#row(id, spans, space, top) {
		const element = svg('g', { class: 'row', 'data-id': id });
		const holds = spans.filter((span) => span.kind === 'HOLD').sort((one, other) => one.from - other.from);
		const waits = spans.filter((span) => span.kind === 'WAIT').sort((one, other) => one.from - other.from);
		const lanes = intoLanes(waits);
		const used = Math.min(MOST_LANES, Math.max(lanes.length, this.lanes.get(id) ?? 1));
		this.lanes.set(id, used);
		const height = HOLD_HEIGHT + used * LANE_HEIGHT + 14;
		lanes.slice(0, MOST_LANES).forEach((lane, i) => {
			const y = top + 8 + HOLD_HEIGHT + i * LANE_HEIGHT;
			element.append(...bars(lane, space).map((bar) => this.#bar(bar, 'wait', id, y, LANE_HEIGHT - 2)));
		});
		element.append(...bars(holds, space).map((bar) => this.#bar(bar, 'hold', id, top + 6, HOLD_HEIGHT)));
		element.append(...this.#marks(holds, id, space, top + 6 + HOLD_HEIGHT / 2));
		this.heights.push([top, height]);
		const waiting = waits.filter((wait) => wait.outcome === 'RUNNING').length;
		this.labels.push(svg('text', { class: 'id', x: 14, y: top + 6 + HOLD_HEIGHT - 4 },
				shorten(id, Math.floor((space.left - 24) / 7.3)), svg('title', {}, id)));
		const state = holds.some((hold) => hold.outcome === 'RUNNING') ? 'held' : waiting > 0 ? 'not held here' : 'free';
		this.labels.push(svg('text', { class: 'state', x: 14, y: top + 6 + HOLD_HEIGHT + 11 },
				waiting > 0 ? `${state}, ${waiting} waiting` : state));
		return { element, height };
	}

	#bar(bar, kind, id, y, height) {
		const outcome = bar.spans[0].outcome.toLowerCase().replace('_', '');
		const rect = svg('rect', { class: `${kind} ${outcome}`, x: bar.x.toFixed(1), y,
			width: bar.width.toFixed(1), height, rx: Math.min(3, height / 2), 'data-id': id,
			'data-thread': bar.spans[0].thread, 'data-token': bar.spans[0].token });
		if (outcome === 'lost') {
			rect.setAttribute('fill', 'url(#hatched)');
		}
		this.shown.set(rect, bar.spans);
		return rect;
	}

	#marks(holds, id, space, y) {
		const marks = [];
		for (const [outcome, name, path] of [['HANDED_OVER', 'handover', 'M0-6L6 0L0 6L-6 0Z'],
				['LOST', 'loss', 'M-5-5L5 5M5-5L-5 5']]) {
			let group = null;
			for (const hold of holds.filter((hold) => hold.outcome === outcome)) {
				const x = position(hold.to, space);
				if (group && x - group.x < MARK_DISTANCE) {
					group.spans.push(hold);
				}
				else {
					group = { x, name, path, spans: [hold] };
					marks.push(group);
				}
			}
		}
		return marks.map((mark) => {
			const shape = svg('path', { class: `mark ${mark.name}`, d: mark.path,
				transform: `translate(${mark.x.toFixed(1)} ${y})`, 'data-id': id,
				'data-thread': mark.spans[0].thread, 'data-token': mark.spans[0].token });
			this.shown.set(shape, mark.spans);
			return shape;
		});
	}

	#summary(all, ids, millis) {
		const running = (kind) => all.filter((span) => span.kind === kind && span.outcome === 'RUNNING').length;
		const lost = all.filter((span) => span.outcome === 'LOST').length;
		return `The last ${duration(millis)} of ${count(ids.length, 'object', 'objects')}: ${running('HOLD')} held and `
				+ `${running('WAIT')} waited for now, ${lost} lost. The tables below say who and how long.`;
	}

	#pointAt(event) {
		const spans = this.shown.get(event.target);
		this.tip.hidden = !spans;
		if (!spans) {
			return;
		}
		this.tip.replaceChildren(...describe(spans).map(([what, text]) => {
			const line = document.createElement(what);
			line.textContent = text;
			return line;
		}));
		const left = Math.min(event.clientX + 14, innerWidth - this.tip.offsetWidth - 8);
		const below = event.clientY + 18;
		const top = below + this.tip.offsetHeight > innerHeight ? event.clientY - this.tip.offsetHeight - 10 : below;
		this.tip.style.left = `${left}px`;
		this.tip.style.top = `${top}px`;
	}

}

/** What the tip says of one span, or of several that are too close to each other. */
export function describe(spans) {
	const span = spans[0];
	const lines = [['strong', span.id]];
	if (spans.length > 1) {
		const longest = Math.max(...spans.map((each) => each.to - each.from));
		const alike = spans.every((each) => each.outcome === span.outcome);
		const what = span.kind === 'HOLD' ? `holds${alike ? `, ${OUTCOMES[span.outcome]}` : ''}` : 'waits';
		lines.push(['p', `${spans.length} ${what}, too close to tell apart`]);
		lines.push(['p', `the longest took ${duration(longest)}`]);
		return lines;
	}
	lines.push(['p', `${span.kind === 'HOLD' ? `Hold, ${OUTCOMES[span.outcome]}` : `Wait, ${WAIT_OUTCOMES[span.outcome]}`}`
			+ `${span.outcome === 'RUNNING' ? ', for' : ' after'} ${duration(span.to - span.from)}`]);
	lines.push(['p', `thread ${span.thread}`]);
	if (span.token) {
		lines.push(['p', `token ${span.token}`]);
	}
	if (span.label) {
		lines.push(['p', span.label]);
	}
	return lines;
}

function groupById(spans) {
	const groups = new Map();
	for (const span of spans) {
		if (!groups.has(span.id)) {
			groups.set(span.id, []);
		}
		groups.get(span.id).push(span);
	}
	return groups;
}

/** First by how long threads have waited for it, then by how often it was held. */
function busyness(spans) {
	let waited = 0;
	for (const span of spans) {
		waited += span.kind === 'WAIT' ? span.to - span.from : 1;
	}
	return waited;
}

function intoLanes(waits) {
	const lanes = [];
	for (const wait of waits) {
		const lane = lanes.find((lane) => lane.at(-1).to <= wait.from);
		if (lane) {
			lane.push(wait);
		}
		else {
			lanes.push([wait]);
		}
	}
	return lanes;
}

function position(time, space) {
	return space.left + space.width * (1 - (space.now - time) / space.millis);
}

/** The bars of spans in order. Those that are too narrow to be told apart are one. */
function bars(spans, space) {
	const all = [];
	let last = null;
	for (const span of spans) {
		const x = Math.max(position(span.from, space), space.left - 4);
		// What goes on goes on beyond the edge, from where it slides in.
		const end = span.outcome === 'RUNNING' ? space.left + space.width * 1.3 : position(span.to, space);
		const narrow = end - x < 2;
		if (last && narrow && last.narrow && last.spans[0].outcome === span.outcome && x - last.x - last.width < 1) {
			last.width = Math.max(1.5, end - last.x);
			last.spans.push(span);
			continue;
		}
		last = { x, width: Math.max(1.5, end - x), narrow, spans: [span] };
		all.push(last);
	}
	return all;
}

function definitions(space, height) {
	return svg('defs', {},
			svg('clipPath', { id: 'plot' }, svg('rect', { x: space.left, y: 0, width: space.width, height })),
			svg('pattern', { id: 'hatched', width: 6, height: 6, patternUnits: 'userSpaceOnUse',
				patternTransform: 'rotate(45)' }, svg('rect', { class: 'hatch-ground', width: 6, height: 6 }),
					svg('rect', { class: 'hatch-line', width: 2.5, height: 6 })));
}

function stripes(heights, ids, width) {
	return heights.map(([top, height], i) => svg('rect', { class: i % 2 ? 'stripe odd' : 'stripe', x: 0, y: top, width,
		height }));
}

function axis(space, height) {
	const step = space.millis / 6;
	const parts = [];
	for (let i = 0; i <= 6; i++) {
		const x = space.left + space.width * i / 6;
		const ago = (6 - i) * step;
		parts.push(svg('line', { class: i === 6 ? 'grid now' : 'grid', x1: x, x2: x, y1: AXIS_HEIGHT - 6, y2: height }));
		parts.push(svg('text', { class: 'tick', x, y: 14, 'text-anchor': i === 6 ? 'end' : 'middle' },
				ago === 0 ? 'now' : `−${(ago / 1000).toFixed(ago % 1000 ? 1 : 0)} s`));
	}
	return parts;
}

function shorten(text, most) {
	if (text.length <= most) {
		return text;
	}
	const tail = Math.floor(most / 3);
	return `${text.slice(0, most - tail - 1)}…${text.slice(text.length - tail)}`;
}
