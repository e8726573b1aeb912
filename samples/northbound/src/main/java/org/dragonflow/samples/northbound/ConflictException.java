package org.dragonflow.samples.northbound;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * The request is well-formed, but does not fit what is there.
 */
public final class ConflictException extends ErrorResponseException {

	/**
	 * Creates the exception.
	 * @param detail what does not fit, in words for the caller
	 */
	public ConflictException(String detail) {
		super(HttpStatus.CONFLICT, ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, detail), null);
	}

}
