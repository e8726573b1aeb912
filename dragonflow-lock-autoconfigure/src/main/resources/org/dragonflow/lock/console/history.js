/*
 * What the page knows: the last report, and what had ended before. All moments are the
 * server's, in milliseconds since it began to record.
 */

/** How far back the page can look. */
export const LONGEST = 120_000;

/** How many ends the page keeps, however busy the server is. */
const MOST = 20_000;

export class History {

	constructor() {
		this.forget();
	}

	forget() {
		this.report = null;
		this.past = [];
		this.missedUntil = -Infinity;
		this.holders = new Map();
	}

	/** The number to ask for more after. */
	get last() {
		return this.report ? this.report.last : -1;
	}

	get now() {
		return this.report ? this.report.now : 0;
	}

	/**
	 * Takes a report in.
	 * Returns false if it is of another recording than what the page knows: the server
	 * has begun anew, and the page must, too.
	 */
	add(report) {
		if (this.report && this.report.recording !== report.recording) {
			this.forget();
			return false;
		}
		if (!this.report && report.ended.length > 0 && report.ended[0].number > 0) {
			// There were others before the first that is still kept.
			this.missedUntil = report.ended[0].to;
		}
		this.report = report;
		for (const past of report.ended) {
			this.past.push(past);
		}
		if (report.missed > 0) {
			this.missedUntil = report.now;
		}
		const oldest = report.now - LONGEST;
		let first = Math.max(0, this.past.length - MOST);
		if (first > 0) {
			this.missedUntil = Math.max(this.missedUntil, this.past[first].to);
		}
		while (first < this.past.length && this.past[first].to < oldest) {
			first++;
		}
		this.past.splice(0, first);
		const wanted = new Set(report.waiting.map((waiting) => waiting.id));
		for (const id of this.holders.keys()) {
			if (!wanted.has(id)) {
				this.holders.delete(id);
			}
		}
		return true;
	}

	/** Whether something that belongs into the last milliseconds is not known. */
	isIncomplete(millis) {
		return this.missedUntil >= this.now - millis;
	}

	/** What has ended in the last milliseconds. */
	endedWithin(millis) {
		const from = this.now - millis;
		return this.past.filter((past) => past.to >= from);
	}

	/** What has not ended, as if it did now. */
	running() {
		if (!this.report) {
			return [];
		}
		const now = this.report.now;
		// What ended while the report was made is in it twice.
		const over = new Set(this.report.ended.filter((past) => past.kind === 'HOLD')
				.map((past) => `${past.token} ${past.id}`));
		const holds = this.report.held.filter((held) => !held.token || !over.has(`${held.token} ${held.id}`))
				.map((held) => ({ kind: 'HOLD', id: held.id, thread: held.thread, token: held.token,
					from: held.since, to: now, outcome: 'RUNNING' }));
		const waits = this.report.waiting.map((waiting) => ({ kind: 'WAIT', id: waiting.id, thread: waiting.thread,
			from: waiting.since, to: now, outcome: 'RUNNING' }));
		return [...holds, ...waits];
	}

	/** The ids that are held here or waited for, each with its holder and its waiters. */
	lines() {
		const lines = new Map();
		const lineOf = (id) => {
			if (!lines.has(id)) {
				lines.set(id, { id, held: null, waiters: [] });
			}
			return lines.get(id);
		};
		this.report.held.forEach((held) => lineOf(held.id).held = held);
		this.report.waiting.forEach((waiting) => lineOf(waiting.id).waiters.push(waiting));
		for (const line of lines.values()) {
			line.waiters.sort((one, other) => one.position - other.position);
			line.count = Math.max(line.waiters.length, line.held ? line.held.waiters : 0);
		}
		return [...lines.values()].sort((one, other) => other.count - one.count || startOf(one) - startOf(other));
	}

}

function startOf(line) {
	return line.held ? line.held.since : line.waiters[0].since;
}
