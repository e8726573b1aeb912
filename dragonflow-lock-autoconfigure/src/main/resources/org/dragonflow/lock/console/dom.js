/*
 * The few things that the page does to its document. Text from outside goes into it as
 * text only.
 */

const SVG = 'http://www.w3.org/2000/svg';

export function byId(id) {
	return document.getElementById(id);
}

/** An element of HTML, with attributes, and with texts and elements in it. */
export function html(name, attributes = {}, ...content) {
	return fill(document.createElement(name), attributes, content);
}

/** The same, of SVG. */
export function svg(name, attributes = {}, ...content) {
	return fill(document.createElementNS(SVG, name), attributes, content);
}

function fill(element, attributes, content) {
	for (const [name, value] of Object.entries(attributes)) {
		if (value !== null && value !== undefined) {
			element.setAttribute(name, value);
		}
	}
	element.append(...content);
	return element;
}

/** Changes a text only if it is another, so that nothing is read out anew. */
export function setText(element, text) {
	if (element.textContent !== text) {
		element.textContent = text;
	}
}

/** Milliseconds for people. */
export function duration(millis) {
	if (millis < 0.1) {
		return '< 0.1 ms';
	}
	if (millis < 10) {
		return `${millis.toFixed(1)} ms`;
	}
	if (millis < 1000) {
		return `${Math.round(millis)} ms`;
	}
	if (millis < 60_000) {
		return `${(millis / 1000).toFixed(1)} s`;
	}
	const minutes = Math.floor(millis / 60_000);
	return minutes < 60 ? `${minutes} min ${Math.floor(millis / 1000) % 60} s`
			: `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function count(number, one, many) {
	return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
