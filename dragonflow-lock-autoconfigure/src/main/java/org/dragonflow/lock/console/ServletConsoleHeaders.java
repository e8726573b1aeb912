package org.dragonflow.lock.console;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Sets the headers of the request that this thread serves.
 */
final class ServletConsoleHeaders implements ConsoleHeaders.Setter {

	@Override
	public void set() {
		if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request) {
			HttpServletResponse response = request.getResponse();
			if (response != null) {
				ConsoleHeaders.ALL.forEach(response::setHeader);
			}
		}
	}

}
