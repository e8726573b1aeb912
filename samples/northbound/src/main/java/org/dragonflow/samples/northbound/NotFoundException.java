package org.dragonflow.samples.northbound;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * There is no such object.
 */
public final class NotFoundException extends ErrorResponseException {

	/**
	 * Creates the exception.
	 * @param type the type of the object, such as {@code network}
	 * @param id the id that was asked for
	 */
	public NotFoundException(String type, String id) {
		super(HttpStatus.NOT_FOUND,
				ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, "There is no " + type + " '" + id + "'"), null);
	}

}
