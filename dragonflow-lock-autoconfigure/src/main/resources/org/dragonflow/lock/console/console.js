/*
 * Asks the server once a second, while somebody looks.
 */

import { byId, count, duration, setText } from './dom.js';
import { History } from './history.js';
import { drawLines, drawWrongs } from './tables.js';
import { Timeline } from './timeline.js';

const EVERY = 1000;
const PATIENCE = 8000;
const LONGEST_PAUSE = 5000;
const LOOKS_AT_A_TIME = 6;

const history = new History();
const timeline = new Timeline(byId('timeline'), byId('timeline-note'), byId('tip'));
let paused = false;
let failures = 0;
let answeredAt = performance.now();
let timer = 0;
let asking = false;
let looking = false;
let lastFailure = '';

function address(name, parameters) {
	const url = new URL(name, import.meta.url);
	url.search = new URLSearchParams(parameters).toString();
	return url;
}

async function get(name, parameters) {
	const response = await fetch(address(name, parameters), { headers: { Accept: 'application/json' },
		cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
	if (!response.ok) {
		throw new Error(`The server says ${response.status}`);
	}
	return response.json();
}

async function ask() {
	clearTimeout(timer);
	if (asking || !watching()) {
		return;
	}
	asking = true;
	const begun = performance.now();
	try {
		const before = history.now;
		if (!history.add(await get('report', { after: history.last }))) {
			history.add(await get('report', { after: -1 }));
		}
		failures = 0;
		answeredAt = performance.now();
		draw(before > 0 ? Math.min(history.now - before, 2 * EVERY) : 0);
		askForHolders();
	}
	catch (failure) {
		failures++;
		lastFailure = failure.message.startsWith('The server says') ? failure.message : 'The server does not answer';
	}
	finally {
		asking = false;
		tellStatus();
		const pause = failures === 0 ? EVERY : Math.min(LONGEST_PAUSE, EVERY * failures);
		timer = setTimeout(ask, Math.max(100, pause - (performance.now() - begun)));
	}
}

/** Who has what is waited for here: another instance, so only the store can tell. */
async function askForHolders() {
	if (looking) {
		return;
	}
	looking = true;
	try {
		const ids = history.lines().filter((line) => !line.held).slice(0, LOOKS_AT_A_TIME).map((line) => line.id);
		for (const id of ids) {
			history.holders.set(id, await get('holder', { id }));
		}
	}
	catch {
		// It is asked again with the next report, and the status tells of a server that is gone.
	}
	finally {
		looking = false;
	}
}

function watching() {
	return !paused && !document.hidden;
}

function draw(slide) {
	const report = history.report;
	if (!report) {
		return;
	}
	const millis = Number(byId('window').value) * 1000;
	const filter = byId('filter').value.trim().toLowerCase();
	const ended = history.endedWithin(millis).filter((past) => past.kind === 'HOLD');
	const isWhole = !history.isIncomplete(millis);
	const atLeast = (number) => number.toLocaleString('en') + (isWhole ? '' : '+');
	setText(byId('application'), `${report.application} at ${location.host}`);
	document.title = `${report.heldCount} held, ${report.waitingCount} waiting – Lock console`;
	setText(byId('held'), report.heldCount.toLocaleString('en'));
	setText(byId('waiting'), report.waitingCount.toLocaleString('en'));
	const longest = Math.max(0, ...report.waiting.map((waiting) => report.now - waiting.since));
	setText(byId('longest'), report.waiting.length ? duration(longest) : '–');
	setText(byId('ended'), atLeast(ended.length));
	setText(byId('handovers'), atLeast(ended.filter((past) => past.outcome === 'HANDED_OVER').length));
	const losses = ended.filter((past) => past.outcome === 'LOST').length;
	setText(byId('losses'), atLeast(losses));
	byId('losses').parentElement.classList.toggle('some', losses > 0);
	document.querySelectorAll('.in-window').forEach((part) => setText(part, `, last ${byId('window').selectedOptions[0].text}`));
	timeline.draw(history, millis, filter, slide);
	if (!isWhole) {
		const note = byId('timeline-note');
		setText(note, `${note.textContent} Cut: more has ended in this time than the server keeps for the page, so the picture and the counts have gaps.`.trim());
	}
	drawLines(byId('line'), byId('line-note'), history, filter);
	drawWrongs(byId('wrong'), byId('wrong-note'), history, filter);
}

function tellStatus() {
	const [state, text] = paused ? ['paused', 'Paused'] : failures > 0 ? ['lost', 'No answer'] : ['live', 'Live'];
	byId('status').dataset.state = state;
	setText(byId('status-text'), text);
	document.body.classList.toggle('old', failures > 0);
	const trouble = byId('trouble');
	trouble.hidden = failures === 0;
	setText(trouble, failures === 0 ? '' : `${lastFailure}. ${history.report
			? `What you see is ${count(Math.max(1, Math.round((performance.now() - answeredAt) / 1000)), 'second', 'seconds')} old.`
			: 'There is nothing to show yet.'} The page goes on trying.`);
}

byId('pause').addEventListener('click', () => {
	paused = !paused;
	byId('pause').setAttribute('aria-pressed', String(paused));
	setText(byId('pause'), paused ? 'Go on' : 'Pause');
	tellStatus();
	ask();
});
byId('filter').addEventListener('input', () => draw(0));
byId('window').addEventListener('change', () => draw(0));
document.addEventListener('visibilitychange', ask);
let drawnWidth = 0;
new ResizeObserver(([{ contentRect }]) => {
	// Not when only its height changes, as it does by drawing.
	if (contentRect.width !== drawnWidth) {
		drawnWidth = contentRect.width;
		draw(0);
	}
}).observe(byId('timeline'));
ask();
