/*
 * What can be read: who waits for whom, and what went wrong.
 */

import { count, duration, html, setText } from './dom.js';

const MOST_LINES = 40;
const MOST_WAITERS = 8;
const MOST_WRONGS = 12;

const HOLDS = { LOST: ['×', 'Lost'] };
const WAITS = { REFUSED: ['–', 'Waited in vain'], INTERRUPTED: ['–', 'Interrupted'], FAILED: ['!', 'Wait failed'] };

export function drawLines(table, note, history, filter) {
	const lines = history.lines().filter((line) => line.id.toLowerCase().includes(filter));
	const shown = lines.slice(0, MOST_LINES);
	table.tBodies[0].replaceChildren(...shown.map((line) => lineRow(line, history)));
	const notes = [];
	if (lines.length === 0) {
		notes.push(filter ? 'No such object is held or waited for.' : 'This instance holds nothing, and waits for nothing.');
	}
	if (lines.length > shown.length) {
		notes.push(`${count(lines.length - shown.length, 'object more', 'objects more')}: filter by id to see them.`);
	}
	if (history.report.cut) {
		notes.push(`Cut: of ${count(history.report.heldCount, 'lock', 'locks')} and ${count(history.report.waitingCount,
				'waiting thread', 'waiting threads')} only the oldest are listed.`);
	}
	setText(note, notes.join(' '));
	table.hidden = lines.length === 0;
}

function lineRow(line, history) {
	const { held, waiters } = line;
	const elsewhere = history.holders.get(line.id);
	return html('tr', { 'data-id': line.id },
			html('th', { scope: 'row' }, line.id),
			html('td', { class: 'holder' }, ...(held ? holderHere(held) : holderElsewhere(elsewhere))),
			html('td', { class: 'number' }, held ? duration(history.now - held.since) : elsewhere?.holder ? duration(elsewhere.age) : ''),
			html('td', {}, ...(held ? lease(held.leaseLeft, held.lease) : elsewhere?.holder ? [duration(elsewhere.leaseLeft)] : [])),
			html('td', {}, ...waitersOf(line, history.now)));
}

function holderHere(held) {
	const facts = [held.byHandle ? 'by a handle' : null, held.token ? `token ${held.token}` : 'no token',
		held.handedOver > 0 ? `handed over ${held.handedOver === 1 ? 'once' : `${held.handedOver} times`}` : null].filter(Boolean);
	const parts = [html('strong', {}, held.thread), html('span', { class: 'facts' }, facts.join(' · ')),
		html('span', { class: 'facts owner' }, held.holder)];
	if (held.revoked) {
		parts.push(html('span', { class: 'badge' }, 'its release is asked for'));
	}
	return parts;
}

/** Who has it by the store: another instance, or a thread of this one that came or went while the page asked. */
function holderElsewhere(answer) {
	if (!answer?.holder) {
		return [html('span', { class: 'facts' }, answer?.state === 'UNKNOWN' ? 'the store does not say who' : 'nobody here')];
	}
	return [html('strong', { class: 'elsewhere' }, answer.here ? 'this instance, just now' : 'another instance'),
		html('span', { class: 'facts' }, answer.token ? `token ${answer.token}` : 'no token'),
		html('span', { class: 'facts owner' }, answer.holder)];
}

function lease(left, whole) {
	const part = Math.max(0, Math.min(1, left / whole));
	const bar = html('i');
	bar.style.width = `${(part * 100).toFixed(1)}%`;
	return [html('span', { class: 'lease', 'aria-hidden': 'true' }, bar), `${duration(left)} of ${duration(whole)}`];
}

function waitersOf(line, now) {
	if (line.count === 0) {
		return [html('span', { class: 'facts' }, 'nobody')];
	}
	const parts = [html('ol', { class: 'waiters' }, ...line.waiters.slice(0, MOST_WAITERS).map((waiting) =>
			html('li', { value: waiting.position }, html('b', {}, waiting.thread), ` ${duration(now - waiting.since)}`,
					...(waiting.inStore ? [html('span', { class: 'facts' }, ' asks the store')] : []))))];
	const more = line.count - Math.min(line.waiters.length, MOST_WAITERS);
	if (more > 0) {
		parts.push(html('span', { class: 'facts' }, `and ${more} more`));
	}
	return parts;
}

export function drawWrongs(table, note, history, filter) {
	const wrongs = history.past.filter((past) => wordsFor(past) && (past.id ?? '').toLowerCase().includes(filter)).reverse();
	// Waits in vain are often meant, and may be many: they leave the room to what is not.
	const shown = [...wrongs.filter((past) => !isMild(past)), ...wrongs.filter(isMild)].slice(0, MOST_WRONGS)
			.sort((one, other) => other.to - one.to);
	table.tBodies[0].replaceChildren(...shown.map((past) => wrongRow(past, history.now)));
	const more = wrongs.length - shown.length;
	setText(note, wrongs.length === 0 ? 'No loss, no wait in vain and no failure of the store in the last two minutes.'
			: more > 0 ? `And ${more} more in the last two minutes.` : '');
	table.hidden = wrongs.length === 0;
}

function wrongRow(past, now) {
	const [sign, words] = wordsFor(past);
	return html('tr', { 'data-id': past.id, class: isMild(past) ? 'mild' : 'bad' },
			html('td', { class: 'number' }, `${duration(Math.max(0, now - past.to))} ago`),
			html('td', {}, html('span', { class: 'sign', 'aria-hidden': 'true' }, sign), ` ${words}`),
			html('td', { class: 'id' }, past.id ?? '–'),
			html('td', {}, past.thread),
			html('td', { class: 'number' }, past.kind === 'CALL' ? '' : duration(past.to - past.from)),
			html('td', { class: 'token' }, past.token ?? ''));
}

function isMild(past) {
	return past.outcome === 'REFUSED' || past.outcome === 'INTERRUPTED';
}

function wordsFor(past) {
	switch (past.kind) {
		case 'HOLD': return HOLDS[past.outcome];
		case 'WAIT': return WAITS[past.outcome];
		default: return ['!', `The store failed: ${past.outcome.toLowerCase()} (${past.label})`];
	}
}
