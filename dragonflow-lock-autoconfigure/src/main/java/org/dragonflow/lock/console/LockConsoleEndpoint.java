package org.dragonflow.lock.console;

import java.util.function.Supplier;

import org.dragonflow.lock.engine.LockEngine;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.core.io.Resource;
import org.springframework.util.MimeTypeUtils;

/**
 * Endpoint for the page, its files, and what it draws. It only shows.
 */
@WebEndpoint(id = LockConsoleEndpoint.ID, defaultAccess = Access.READ_ONLY)
final class LockConsoleEndpoint {

	static final String ID = "lockconsole";

	/**
	 * How many locks, and how many threads, a report lists at most.
	 */
	static final int LIMIT = 500;

	private final LockEngine engine;

	private final RecentlyEnded recent;

	private final ConsoleReport.Maker reports;

	private final StoreLooks looks;

	private final ConsoleFiles files;

	private final Supplier<String> path;

	private final ConsoleHeaders.Setter headers;

	/**
	 * Creates the endpoint.
	 * @param path where it is; known only when it is asked for
	 * @param headers sets the headers of the answer to the present request
	 */
	LockConsoleEndpoint(LockEngine engine, RecentlyEnded recent, ConsoleReport.Maker reports, StoreLooks looks,
			ConsoleFiles files, Supplier<String> path, ConsoleHeaders.Setter headers) {
		this.engine = engine;
		this.recent = recent;
		this.reports = reports;
		this.looks = looks;
		this.files = files;
		this.path = path;
		this.headers = headers;
	}

	@ReadOperation(produces = "text/html")
	WebEndpointResponse<Resource> page() {
		this.headers.set();
		// Relative, so that proxies may move it; from the page, whose URL has no slash at
		// its end, the files are in a directory of its name.
		String path = this.path.get();
		return new WebEndpointResponse<>(this.files.page(path.substring(path.lastIndexOf('/') + 1)), ConsoleFiles.HTML);
	}

	/**
	 * A file of the page, or data for it.
	 * @param name of the file, or of the data
	 * @param after for the report: the number of the last end that is known
	 * @param id for the holder: of what lock
	 */
	@ReadOperation(produces = { "text/javascript", "text/css", "image/svg+xml", "application/json" })
	@Nullable WebEndpointResponse<Object> part(@Selector String name, @Nullable Long after, @Nullable String id) {
		this.headers.set();
		return switch (name) {
			case "report" -> json(report((after != null) ? after : -1));
			case "holder" -> json(this.looks.holderOf(required(id)));
			default -> file(name);
		};
	}

	private ConsoleReport report(long after) {
		// In this order: what ends in between is in both, rather than in none.
		var snapshot = this.engine.snapshot(LIMIT);
		return this.reports.report(snapshot, this.recent.after(after));
	}

	private @Nullable WebEndpointResponse<Object> file(String name) {
		ConsoleFiles.File file = this.files.file(name);
		return (file != null) ? new WebEndpointResponse<>(file.content(), file.type()) : null;
	}

	private static WebEndpointResponse<Object> json(Object body) {
		return new WebEndpointResponse<>(body, MimeTypeUtils.APPLICATION_JSON);
	}

	private static String required(@Nullable String id) {
		if (id == null || id.isEmpty()) {
			throw new InvalidEndpointRequestException("No id", "Name the id of a lock");
		}
		return id;
	}

}
